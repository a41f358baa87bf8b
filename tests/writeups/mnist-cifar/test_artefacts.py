"""Artefacts of mnist-cifar, made from made-up results and checked against plain computations."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from fabricated import CATALOGUE, Artefacts
from hypothesis import given
from hypothesis import strategies as st
from rework import paths
from rework.artefacts.mnist_cifar import first_activations as activations
from rework.artefacts.mnist_cifar.picture_examples import SplitReadings, choose_mistakes, first_right, network_options
from rework.artefacts.recipes.weight_histograms import tensor_statistics, truncated_normal
from rework.artefacts.sentences import first_seeds
from rework.errors import ConfigError
from rework.models.building import build_model
from rework.recorded import read_record, write_record
from rework.settings.run import ModelSettings
from safetensors.torch import load_file
from scipy.stats import kstest, truncnorm

WRITEUP = "mnist-cifar"
MEASURED = ("reproduced", "within tolerance", "outside tolerance", "differs")


@pytest.mark.parametrize("name", ["mnist-parameters", "cifar-parameters", "small-filter-parameters"])
def test_the_networks_have_the_parameters_that_the_writeup_lists(artefacts, name):
    sidecar = artefacts.make(name)
    assert {value["verdict"] for value in sidecar["values"]} == {sidecar["verdict"]} == {"exact"}


def test_tensors_that_are_not_all_are_refused(tmp_path):
    sample = Artefacts.made_up(WRITEUP, tmp_path, "sample")
    path = paths.model_description(tmp_path, "mnist-cifar", "mnist")
    write_record(path, {**read_record(path), "parameters": 3})
    with pytest.raises(ConfigError, match="the tensors have 3274634 elements, the module has 3 parameters"):
        sample.make("mnist-parameters")


@given(seed=st.integers(0, 500), padding=st.integers(0, 2), size=st.sampled_from([3, 5]))
def test_convolutions_are_those_of_torch(seed, padding, size):
    generator = np.random.default_rng(seed)
    pictures = generator.standard_normal((2, 3, 9, 8))
    weight, bias = generator.standard_normal((4, 3, size, size)), generator.standard_normal(4)
    expected = F.conv2d(*map(torch.from_numpy, (pictures, weight, bias)), padding=padding)
    assert activations.convolution(pictures, weight, bias, padding) == pytest.approx(expected.numpy())
    for kind, function in (("max", F.max_pool2d), ("average", F.avg_pool2d)):
        expected = function(torch.from_numpy(pictures), 2)
        assert activations.pooled(pictures, kind) == pytest.approx(expected.numpy())
    assert activations.selu(pictures) == pytest.approx(F.selu(torch.from_numpy(pictures)).numpy())
    assert activations.relu(pictures) == pytest.approx(F.relu(torch.from_numpy(pictures)).numpy())


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("mnist-cnn", {}),
        ("mnist-cnn", {"kernel_size": 3}),
        ("cifar-cnn", {"activation": "selu"}),
        ("cifar-cnn", {"first_kernel": 5, "pooling": "average"}),
    ],
    ids=["mnist", "small", "selu", "average"],
)
def test_first_activations_are_the_models(name, parameters):
    model = build_model(ModelSettings(name, parameters))
    keywords = network_options({"name": name, "parameters": parameters})
    pictures = torch.randn(2, *model.input_shape)
    found = {}
    model.activation.register_forward_hook(lambda _module, _inputs, output: found.update({len(found): output}))
    with torch.no_grad():
        model(pictures)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    ours = activations.first_activations(pictures.double().numpy(), weights, **keywords)
    np.testing.assert_allclose(ours["conv1"], found[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(ours["conv2"], found[1].numpy(), atol=1e-5)


def readings_of(pairs, confidences):
    """Return readings of examples with the given (right, read) classes and probabilities of the class read."""
    targets, labels = (np.array(column) for column in zip(*pairs, strict=True))
    probabilities = np.full((len(pairs), 4), 0.0)
    probabilities[np.arange(len(pairs)), labels] = confidences
    return SplitReadings(labels, targets, probabilities)


def test_mistakes_are_chosen_by_the_rule():
    pairs = [(0, 1), (0, 1), (1, 1), (2, 3), (3, 0), (0, 1), (3, 0)]
    readings = readings_of(pairs, [0.6, 0.9, 1.0, 0.7, 0.8, 0.5, 0.95])
    assert choose_mistakes(readings, [(0, 1), (0, 1)]) == [1, 0], "the most confident, then the next of the same pair"
    assert choose_mistakes(readings, [(2, 3), (1, 2)]) == [3, 6], "a pair that does not exist is replaced by another"
    assert choose_mistakes(readings, [(1, 2), (1, 3)]) == [6, 1], "and each replacement is of a pair of its own"
    assert choose_mistakes(readings_of([(0, 0)], [1.0]), [(0, 1)]) == [None]
    assert first_right(readings, 1) == 2
    assert first_right(readings, 0) is None


def test_mistakes_of_one_network_only(artefacts):
    facts = artefacts.make("small-filter-mistakes")["facts"]
    small, large = (
        artefacts.predictions(run, CATALOGUE.seeds("full", WRITEUP, run)[0]) for run in ("mnist-small", "mnist-l2")
    )
    targets = small["targets"]
    wrong = [{k for k in range(60) if found["predictions"][k] != targets[k]} for found in (small, large)]
    assert facts["only_first"] == len(wrong[0] - wrong[1])
    assert facts["only_second"] == len(wrong[1] - wrong[0])
    shown = [int(row["example"]) for row in artefacts.rows("small-filter-mistakes")]
    assert set(shown) <= wrong[0] - wrong[1]
    confidence = small["probabilities"].max(axis=1)
    assert shown == sorted(wrong[0] - wrong[1], key=lambda k: -confidence[k])[: len(shown)]


def test_histograms_count_every_weight(artefacts):
    facts = artefacts.make("cifar-l2-distributions")["facts"]["statistics"]
    counts = {}
    for row in artefacts.rows("cifar-l2-distributions"):
        key = (row["run"], row["tensor"])
        counts[key] = counts.get(key, 0) + int(row["count"])
    tensors = load_file(artefacts.run_dir("cifar-batch-5") / "weights.safetensors")
    for name, tensor in tensors.items():
        assert counts["without L2", name] == tensor.numel()
        assert facts["cifar-batch-5"][name]["count"] == tensor.numel()
        assert facts["cifar-batch-5"][name]["deviation"] == pytest.approx(float(tensor.double().std(correction=0)))


@pytest.mark.parametrize("seeds", [(0, 0), (1, 0)])
def test_a_caption_names_the_first_seed_of_each_run(artefacts, seeds):
    settings = artefacts.settings("accuracy-panels")
    runs = [replace(run, seeds=(seed,)) for run, seed in zip(settings.runs, seeds, strict=False)]
    labels = [run.label for run in runs]
    named = "Seed 0." if seeds == (0, 0) else f"Seeds: 1 ({labels[0]}), 0 ({labels[1]})."
    assert first_seeds(runs) == named
    assert artefacts.make("mnist-distributions")["caption"].endswith("Seed 0.")


def test_fresh_draws_are_the_cut_normal_distribution():
    drawn = truncated_normal(np.random.default_rng(1), (300, 400), 0.1)
    assert kstest(drawn.ravel(), truncnorm(-2, 2, scale=0.1).cdf).pvalue > 0.01
    assert np.abs(drawn).max() <= 0.2


def test_fresh_draws_stand_beside_the_weights_that_they_are_as_many_as(artefacts):
    statistics = artefacts.make("mnist-distributions")["facts"]["statistics"]
    assert set(statistics["fresh"]) == {name for name in statistics["mnist"] if name.endswith("weight")}
    for name, found in statistics["fresh"].items():
        assert found["count"] == statistics["mnist"][name]["count"]
    fresh = {row["tensor"] for row in artefacts.rows("mnist-distributions") if "fresh" in row["run"]}
    assert fresh == set(statistics["fresh"])


def test_each_mistake_is_of_the_network_that_it_is_asked_of(artefacts):
    facts = artefacts.make("mnist-mistakes")["facts"]
    runs = {run.label: run.run for run in artefacts.settings("mnist-mistakes").runs}
    seeds = {run.label: run.seeds[0] for run in artefacts.settings("mnist-mistakes").runs}
    rows = artefacts.rows("mnist-mistakes")
    assert {row["network"] for row in rows} == set(runs)
    for row in rows:
        stored = artefacts.predictions(runs[row["network"]], seeds[row["network"]])
        assert str(stored["predictions"][int(row["example"])]) == row["class read"]
        assert float(row[row["class read"]]) == pytest.approx(stored["probabilities"][int(row["example"])].max())
    mistakes = [row["network"] for row in rows if row["right class"] != row["class read"]]
    assert mistakes == ["with L2", "without L2", "without L2", "with L2"]
    assert set(facts["misread"]) == set(runs.values())


def test_a_mistake_that_only_another_network_was_asked_for_is_not_counted(artefacts):
    """What stands in for a pair that a network never mistook may be a pair that is wanted of the other network."""
    runs = artefacts.settings("mnist-mistakes").runs
    stored = [artefacts.predictions(run.run, run.seeds[0]) for run in runs]
    made = [{*zip(map(str, one["targets"]), map(str, one["predictions"]), strict=True)} for one in stored]
    digits = [str(digit) for digit in range(10)]
    never = next((a, b) for a in digits for b in digits if a != b and (a, b) not in made[1])
    facts = artefacts.make("mnist-mistakes", pairs=((*never, runs[1].run),))["facts"]
    stand_in = tuple(facts["pairs"][0].split(" read as "))
    assert facts["met"] == 0
    pairs = ((*stand_in, runs[0].run), (*never, runs[1].run))
    again = artefacts.make("mnist-mistakes", pairs=pairs)["facts"]
    assert again["pairs"][1] == facts["pairs"][0]
    assert again["met"] == int(stand_in in made[0])


def test_a_mistake_asked_of_no_run_of_the_artefact_is_refused(artefacts):
    with pytest.raises(ConfigError, match=r"artefacts\.mnist-mistakes\.options\.pairs: unknown run 'mnist-l3'"):
        artefacts.make("mnist-mistakes", pairs=(("5", "3", "mnist-l3"),))


def test_accuracies_as_met_are_those_of_the_last_probe(artefacts):
    values = {
        value["key"]: value
        for value in artefacts.make("generalisation-gap")["values"]
        if value["metric"] == "met_accuracy"
    }
    for run in ("cifar-batch-5", "cifar-avg-pool-batch-5"):
        probes = pd.read_csv(artefacts.run_dir(run) / "probes.csv")
        assert values[run]["reproduced"]["mean"] == pytest.approx(float(probes["met_accuracy"].iloc[-1]))
    assert values["cifar-batch-5"]["published"] == 0.929


def test_statistics_of_a_tensor_by_hand():
    found = tensor_statistics(np.array([[0.0, 0.0005], [0.001, -3.0]]))
    assert (found.count, found.small) == (4, 0.5)
    assert found.mean == pytest.approx((0.0005 + 0.001 - 3) / 4)


def test_published_accuracies_of_the_panels_are_judged(artefacts):
    values = {value["key"]: value for value in artefacts.make("accuracy-panels")["values"]}
    assert values["mnist-l2"]["published"] is None
    assert values["cifar-l2-strong"]["published"] == 0.6277
    assert values["cifar-batch-5"]["verdict"] in MEASURED


def test_preprocessing_shows_what_the_training_sees(artefacts):
    rows = {row["kind"]: row for row in artefacts.rows("preprocessing")} if artefacts.make("preprocessing") else {}
    assert float(rows["normalised"]["least"]) == pytest.approx(2 * float(rows["original"]["least"]) - 1)
    assert float(rows["normalised"]["greatest"]) == pytest.approx(2 * float(rows["original"]["greatest"]) - 1)


def test_metrics_of_older_code_have_no_units_and_give_the_same_table(artefacts, tmp_path):
    shutil.copytree(artefacts.results, tmp_path / "full")
    older = Artefacts(WRITEUP, tmp_path / "full")
    for run in artefacts.settings("cifar-accuracy").runs:
        for seed in run.seeds:
            path = older.run_dir(run.run, seed) / "metrics.json"
            record = read_record(path)
            del record["units"]
            write_record(path, record)
    assert older.make("cifar-accuracy")["values"] == artefacts.make("cifar-accuracy")["values"]


def test_claims_in_the_sample_have_one_seed_and_say_so(tmp_path):
    claims = Artefacts.made_up(WRITEUP, tmp_path, "sample").make("claims")["claims"]
    gap = next(claim for claim in claims if claim["id"] == "l2-closes-the-gap")
    assert gap["result"] == "not comparable"
    assert "one seed on a side" in gap["why"]
