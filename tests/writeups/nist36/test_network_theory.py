"""Theory and toy problem of nist36, each measured value checked against another way to compute it."""

import subprocess
import sys
from dataclasses import replace
from math import erf, log, sqrt

import numpy as np
import pytest
import torch
from fabricated import Artefacts
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.nist36 import network_theory, toy_network
from rework.catalogue.artefact_functions import artefact_function
from rework.catalogue.hints import fits
from rework.files import read_json
from rework.numpy_network.losses import cross_entropy
from rework.numpy_network.network import Network
from rework.numpy_network.training import writeup_batches
from rework.report.manifest import built_entry
from rework.seeds import derive_seed
from workflow_copy import REPOSITORY

WRITEUP = "nist36"
THEORY = ("softmax-invariance", "linear-collapse", "gradients", "activations", "vanishing-gradient")
TOY = ("initialisation", "forward-check", "toy-training", "gradient-check")
close = np.testing.assert_allclose


@pytest.fixture(scope="module")
def theory(artefacts):
    """Return the artefacts of the writeup, of which those that read no results were made once."""
    for name in (*THEORY, *TOY):
        artefacts.make(name)
    return artefacts


def made(artefacts, name):
    sidecar = read_json(paths.artefact_file(artefacts.results, f"{WRITEUP}/{name}", "json"))
    return built_entry(settings_of(name), sidecar)


def settings_of(name, **options):
    return Artefacts(WRITEUP, None).settings(name, **options)


def measured(sidecar, metric=None):
    return {v["key"]: v["reproduced"] for v in sidecar["values"] if metric in (None, v["metric"])}


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def rebuilt(folder, settings):
    """Return sidecar and rows of an artefact made with other settings."""
    artefacts = Artefacts(WRITEUP, folder)
    return artefacts.build(settings), artefacts.rows(settings.name)


@pytest.mark.parametrize("name", THEORY)
def test_it_is_exact_and_needs_no_data(theory, name):
    sidecar = made(theory, name)
    assert sidecar["data"] == []
    assert sidecar["verdict"] == ("exact" if sidecar["values"] else None)


@pytest.mark.parametrize("name", TOY)
def test_points_drawn_as_in_the_course_are_compared(theory, name):
    sidecar = made(theory, name)
    assert sidecar["data"] == []
    assert not sidecar["invented"]
    assert "not comparable" not in {value["verdict"] for value in sidecar["values"]}


@pytest.mark.parametrize("name", ["softmax-invariance", "toy-training"])
def test_the_draws_depend_on_the_global_seed_alone(tmp_path, name):
    small = {"draws": 20} if name in THEORY else {"seeds": [0]}
    settings = settings_of(name, **small)
    _, first = rebuilt(tmp_path / "one", settings)
    _, again = rebuilt(tmp_path / "two", settings)
    _, other = rebuilt(tmp_path / "three", replace(settings, global_seed=settings.global_seed + 1))
    assert first == again
    assert first != other


def test_softmax_overflows_as_often_as_normal_numbers_are_that_great(tmp_path):
    settings = settings_of("softmax-invariance", scales=[1, 300, 1000], draws=4000)
    sidecar, rows = rebuilt(tmp_path, settings)
    size, draws = settings.options["size"], settings.options["draws"]
    assert all(int(row["stable"]) == 0 for row in rows)
    for row in rows:
        # A vector is lost when its greatest score is above log(greatest float64), or the sum of powers is: within 1e-2.
        below = 0.5 * (1 + erf(log(np.finfo(float).max) / float(row["scale"]) / sqrt(2)))
        share = 1 - below**size
        assert int(row["overflow"]) / draws == pytest.approx(share, abs=5 * sqrt(share * (1 - share) / draws) + 1e-2)
    assert 0.2 < int(rows[1]["overflow"]) / draws < 0.4
    assert column(rows, "sums").max() < 1e-14
    assert sidecar["facts"]["difference"] == column(rows, "difference").max() < 1e-12


def test_rounding_differences_of_softmax_are_measured_and_not_written_down(theory):
    sidecar = made(theory, "softmax-invariance")
    differences = column(theory.rows("softmax-invariance"), "difference")
    assert (differences > 0).all()
    assert (np.diff(differences) > 0).all()  # greater scores are rounded more
    assert measured(sidecar)["max_difference"]["mean"] == differences.max()


@pytest.mark.parametrize("sizes", [(3, 5, 2), (4, 4, 4, 4, 4), (2, 7, 1, 3)])
def test_linear_layers_collapse_to_what_the_network_does_to_basis_vectors(sizes):
    generator = np.random.default_rng(0)
    network = Network.xavier(sizes, ["linear"] * (len(sizes) - 1), generator)
    for layer in network.layers:
        layer.biases[:] = generator.standard_normal(layer.biases.shape)
    weights, biases = network_theory.collapsed(network)
    at_zero = network.scores(np.zeros((1, sizes[0])))[0]
    close(biases, at_zero, atol=1e-13)
    close(weights, network.scores(np.eye(sizes[0])) - at_zero, atol=1e-13)


def test_other_layers_do_not_collapse():
    generator = np.random.default_rng(0)
    network = Network.xavier([4, 4, 4], ["tanh", "linear"], generator)
    inputs = generator.standard_normal((16, 4))
    weights, biases = network_theory.collapsed(network)
    assert np.abs(network.scores(inputs) - (inputs @ weights + biases)).max() > 0.1


def test_each_depth_is_checked(theory):
    rows = theory.rows("linear-collapse")
    assert tuple(int(row["depth"]) for row in rows) == settings_of("linear-collapse").options["depths"]
    differences = column(rows, "difference")
    assert (differences > 0).all()
    assert measured(made(theory, "linear-collapse"))["max_difference"]["mean"] == differences.max() < 1e-12


def test_every_gradient_is_compared_with_autograd(theory):
    rows = theory.rows("gradients")
    assert [row["quantity"] for row in rows] == [
        "derivative of the sigmoid",
        "gradient of W",
        "gradient of x",
        "gradient of b",
    ]
    differences = column(rows, "difference")
    assert measured(made(theory, "gradients"))["max_difference"]["mean"] == differences.max() < 1e-13
    assert differences[0] > 0  # two ways to round, so a comparison did take place


def test_a_wrong_derivative_of_the_sigmoid_would_be_seen(tmp_path, monkeypatch):
    activation = network_theory.ACTIVATIONS["sigmoid"]
    wrong = replace(activation, derivative=lambda output: output * (1 - output) * 1.001)
    monkeypatch.setitem(network_theory.ACTIVATIONS, "sigmoid", wrong)
    sidecar, _ = rebuilt(tmp_path, settings_of("gradients", draws=20))
    assert sidecar["verdict"] == "differs"


def test_activations_are_the_functions_of_the_standard_library(theory):
    rows = theory.rows("activations")
    points = column(rows, "x")
    tensor = torch.tensor(points, requires_grad=True)
    for name, function in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh)):
        tensor.grad = None
        values = function(tensor)
        values.sum().backward()
        close(column(rows, name), values.detach().numpy(), atol=1e-14)
        close(column(rows, name + "'"), tensor.grad.numpy(), atol=1e-14)
    assert 0.0 in points  # where both derivatives are greatest
    found = measured(made(theory, "activations"), "max_derivative")
    assert {key: value["mean"] for key, value in found.items()} == {"sigmoid": 0.25, "tanh": 1.0}


def test_gradients_by_layer_are_those_of_autograd(tmp_path):
    settings = settings_of("vanishing-gradient", draws=1)
    _, rows = rebuilt(tmp_path, settings)
    depth, width, examples = (settings.options[name] for name in ("depth", "width", "examples"))
    generator = np.random.default_rng(derive_seed(settings.global_seed, settings.id, "draws"))
    for name, function in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh), ("relu", torch.relu)):
        network = Network.xavier([width] * depth + [10], [name] * (depth - 1) + ["linear"], generator)
        values = torch.tensor(generator.standard_normal((examples, width)))
        weights = [torch.tensor(layer.weights, requires_grad=True) for layer in network.layers]
        for weight in weights[:-1]:
            values = function(values @ weight)
        targets = torch.tensor(generator.integers(10, size=examples))
        torch.nn.functional.cross_entropy(values @ weights[-1], targets).backward()
        expected = [float(weight.grad.square().mean().sqrt()) for weight in weights]
        close(column([row for row in rows if row["activation"] == name], "root mean square"), expected, rtol=1e-8)


def test_the_sigmoid_loses_its_gradients_and_tanh_keeps_them(theory):
    facts = made(theory, "vanishing-gradient")["facts"]
    options = settings_of("vanishing-gradient").options
    rows = theory.rows("vanishing-gradient")
    assert len(rows) == 3 * options["draws"] * options["depth"]
    for name, ratio in facts["ratios"].items():
        sizes = column([row for row in rows if row["activation"] == name], "root mean square")
        sizes = sizes.reshape(options["draws"], options["depth"])
        close(np.median(sizes[:, 0] / sizes[:, -1]), ratio)
    # Each sigmoid multiplies by a quarter at most, and Xavier's weights keep the size: nine of them give 4^-9 or less.
    assert facts["ratios"]["sigmoid"] < 4.0**-9 * 2
    assert facts["ratios"]["tanh"] > 0.1
    assert facts["identity"] < 1e-15


def torch_log(network, toy, batches, iterations):
    """Return loss and accuracy of each iteration of the writeup's training, with torch.optim.SGD."""
    (weights, biases), (last_weights, last_biases) = (
        [torch.tensor(array, requires_grad=True) for array in (layer.weights, layer.biases)] for layer in network.layers
    )
    optimiser = torch.optim.SGD([weights, biases, last_weights, last_biases], lr=1e-3)
    found = []
    for _ in range(iterations):
        losses, shares = [], []
        for rows in batches:
            targets = torch.tensor(toy.targets[rows])
            scores = torch.sigmoid(torch.tensor(toy.points[rows]) @ weights + biases) @ last_weights + last_biases
            loss = torch.nn.functional.cross_entropy(scores, targets, reduction="sum")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            shares.append((scores.argmax(dim=1) == targets).double().mean().item())
        found.append((sum(losses), sum(shares) / len(shares)))
    return found


@pytest.mark.parametrize("start", ["zeros", "xavier"])
def test_training_on_the_toy_problem_is_that_of_torch(tmp_path, start):
    context = ArtefactContext(settings_of("toy-training"), tmp_path)
    toy, copy = (toy_network.toy_problem(context, 7) for _ in range(2))
    networks = [
        Network.zeros(toy_network.SIZES, toy_network.ACTIVATIONS)
        if start == "zeros"
        else Network.xavier(toy_network.SIZES, toy_network.ACTIVATIONS, problem.generator)
        for problem in (toy, copy)
    ]
    batches = list(writeup_batches(40, 5, copy.generator))
    close(
        toy_network.train(networks[0], toy, toy_network.draw_batches(toy), 30),
        torch_log(networks[1], copy, batches, 30),
        rtol=1e-9,
    )


def test_the_points_are_forty_in_four_classes_and_depend_on_their_seed(tmp_path):
    context = ArtefactContext(settings_of("forward-check"), tmp_path)
    toy, same, other = (toy_network.toy_problem(context, seed) for seed in (0, 0, 1))
    assert toy.points.shape == (40, 2)
    assert np.array_equal(np.bincount(toy.targets), [10, 10, 10, 10])
    assert np.array_equal(toy.points, same.points)
    assert not np.array_equal(toy.points, other.points)


def test_the_points_have_the_means_and_variances_of_the_course(tmp_path):
    context = ArtefactContext(settings_of("forward-check"), tmp_path)
    toys = [toy_network.toy_problem(context, seed) for seed in range(200)]
    points, targets = np.concatenate([toy.points for toy in toys]), np.concatenate([toy.targets for toy in toys])
    for number, (centre, variance) in enumerate(zip(toy_network.CENTRES, toy_network.VARIANCES, strict=True)):
        own = points[targets == number]
        assert np.all(np.abs(own.mean(axis=0) - centre) < 5 * np.sqrt(variance / len(own)))
        assert own.var(axis=0) == pytest.approx(variance, rel=0.2)
        assert abs(np.corrcoef(own.T)[0, 1]) < 5 / sqrt(len(own))


def test_zero_weights_learn_one_unit_and_random_ones_many(theory):
    zero, xavier = theory.rows("initialisation")
    assert (zero["start"], float(zero["hidden"]), float(zero["gradient"]), int(zero["units"])) == ("zero", 0, 0, 1)
    assert int(xavier["units"]) == 25
    assert float(xavier["hidden"]) > 0
    assert float(xavier["gradient"]) > 0
    assert float(xavier["loss"]) < 0.6 * float(zero["loss"])
    assert float(zero["accuracy"]) <= 0.5, "one unit tells two groups apart"
    assert float(xavier["accuracy"]) > 0.5


def test_before_training_the_network_guesses(theory, tmp_path):
    sidecar = made(theory, "forward-check")
    rows = theory.rows("forward-check")
    context = ArtefactContext(settings_of("forward-check"), tmp_path)
    for row in rows:
        toy = toy_network.toy_problem(context, int(row["seed"]))
        network = Network.xavier((2, 25, 4), ("sigmoid", "linear"), toy.generator)
        first, last = network.layers
        scores = 1 / (1 + np.exp(-(toy.points @ first.weights))) @ last.weights
        probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        losses = [-log(found[target]) for found, target in zip(probabilities, toy.targets, strict=True)]
        close(float(row["loss"]), sum(losses), rtol=1e-12)
        hits = sum(int(found.argmax() == target) for found, target in zip(probabilities, toy.targets, strict=True))
        assert float(row["accuracy"]) == hits / 40
    for name in ("loss", "accuracy"):
        close(measured(sidecar, name)[name]["mean"], column(rows, name).mean(), rtol=1e-12)
    assert measured(sidecar, "loss")["loss"]["mean"] == pytest.approx(40 * log(4), rel=0.3)
    shapes = [row["shape"] for row in sidecar["table"]["rows"]]
    assert shapes[:5] == ["40 × 2", "2 × 25, 25", "40 × 25", "25 × 4, 4", "40 × 4"]


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_training_is_shown_as_the_mean_of_the_seeds(theory, metric):
    rows = theory.rows("toy-training")
    options = settings_of("toy-training").options
    found = measured(made(theory, "toy-training"), metric)
    again = found.pop(f"another-run-{options['another_run']}")
    assert again == found[f"iteration-{options['another_run']}"]
    assert set(found) == {f"iteration-{iteration}" for iteration in options["iterations"]}
    for iteration in options["iterations"]:
        values = column([row for row in rows if int(row["iteration"]) == iteration], metric)
        assert len(values) == len(options["seeds"])
        close(found[f"iteration-{iteration}"]["values"], values)
        close(found[f"iteration-{iteration}"]["mean"], values.mean())
        assert found[f"iteration-{iteration}"]["interval"] == "t"
    means = [found[f"iteration-{iteration}"]["mean"] for iteration in options["iterations"]]
    assert means == sorted(means, reverse=metric == "loss")


def test_a_seed_of_the_toy_training_does_not_depend_on_the_others(theory, tmp_path):
    _, alone = rebuilt(tmp_path, settings_of("toy-training", seeds=[2]))
    together = theory.rows("toy-training")
    assert [row for row in together if row["seed"] == "2"] == alone


def test_relative_errors_are_those_of_all_179_parameters(theory):
    rows = theory.rows("gradient-check")
    assert {row["parameter"]: int(row["elements"]) for row in rows} == {
        "Wlayer1": 50,
        "blayer1": 25,
        "Woutput": 100,
        "boutput": 4,
        "total": 179,
    }
    found = {row["parameter"]: float(row["relative error"]) for row in rows}
    total = found.pop("total")
    close(total, sum(found.values()))
    assert all(0 < error < 1e-5 for error in found.values())
    assert {key: value["mean"] for key, value in measured(made(theory, "gradient-check")).items()} == {
        **found,
        "total": total,
    }


def test_a_coarse_step_is_less_exact_by_its_square(tmp_path):
    totals = [
        rebuilt(tmp_path / str(step), settings_of("gradient-check", step=step))[0]["facts"]["total"]
        for step in (1e-2, 1e-3)
    ]
    assert totals[0] / totals[1] == pytest.approx(100, rel=0.2)


def test_a_wrong_way_back_would_be_seen(tmp_path, monkeypatch):
    def wrong(scores, targets):
        loss, delta = cross_entropy(scores, targets)
        return loss, 1.001 * delta

    monkeypatch.setattr(toy_network, "cross_entropy", wrong)
    sidecar, _ = rebuilt(tmp_path, settings_of("gradient-check"))
    published = {value["key"]: value["published"] + value["tolerance"] for value in sidecar["values"]}
    assert measured(sidecar)["total"]["mean"] > published["total"]


def test_the_sample_edition_has_the_same_theory(theory, tmp_path):
    for name in ("linear-collapse", "forward-check"):
        sidecar = Artefacts(WRITEUP, tmp_path, "sample").make(name)
        assert sidecar["values"] == made(theory, name)["values"]


@pytest.mark.slow
def test_torch_is_not_loaded_with_the_modules():
    code = "import sys; from rework.artefacts.nist36 import network_theory, toy_network; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY / "workflow", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"


def test_the_iterations_that_an_option_can_name_are_those_that_are_trained():
    options = artefact_function(WRITEUP, "toy-training", None, "here").options
    last = toy_network.ITERATIONS - 1
    assert fits([0, last], options["iterations"].annotation)
    assert fits(last, options["another_run"].annotation)
    assert not fits([last + 1], options["iterations"].annotation)
    assert not fits(last + 1, options["another_run"].annotation)
