"""The network from scratch, checked against PyTorch in float64, central differences and sums by hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rework.numpy_network.activations import ACTIVATIONS, sigmoid, softmax
from rework.numpy_network.gradient_check import numeric_gradients, relative_errors
from rework.numpy_network.losses import cross_entropy, squared_error
from rework.numpy_network.network import Layer, Network
from rework.numpy_network.training import MomentumSGD, minibatches, writeup_batches
from workflow_copy import REPOSITORY

NAMES = sorted(ACTIVATIONS)
TORCH = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "linear": lambda scores: scores}
MODULES = ("activations", "gradient_check", "losses", "network", "training")
close = np.testing.assert_allclose


@st.composite
def problems(draw):
    """Return a network with random biases too, inputs, and random numbers for targets."""
    depth = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 7), min_size=depth + 1, max_size=depth + 1))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=depth, max_size=depth))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    network = Network.xavier(sizes, names, generator)
    for layer in network.layers:
        layer.biases[:] = generator.standard_normal(layer.biases.shape)
    return network, generator.standard_normal((draw(st.integers(1, 6)), sizes[0])), generator


def small_problem(names=("tanh", "sigmoid", "linear"), sizes=(3, 5, 4, 3), seed=1):
    generator = np.random.default_rng(seed)
    network = Network.xavier(sizes, names, generator)
    return network, generator.standard_normal((6, sizes[0])), generator.integers(sizes[-1], size=6)


def torch_network(network, inputs):
    """Return the parameters by name, the inputs and the outputs, as tensors that autograd follows."""
    parameters = {name: torch.tensor(values, requires_grad=True) for name, values in network.parameters().items()}
    first = values = torch.tensor(inputs, requires_grad=True)
    for number, layer in enumerate(network.layers, start=1):
        scores = values @ parameters[f"layer{number}.weight"] + parameters[f"layer{number}.bias"]
        values = TORCH[layer.activation](scores)
    return parameters, first, values


def assert_gradients_agree(network, inputs, ours, theirs):
    """Compare value and derivatives of a loss, each given as a function of the outputs."""
    values = network.forward(inputs)
    loss, delta = ours(values[-1])
    parameters, first, outputs = torch_network(network, inputs)
    expected = theirs(outputs)
    expected.backward()
    close(values[-1], outputs.detach().numpy(), rtol=1e-12, atol=1e-12)
    close(loss, expected.item(), rtol=1e-10, atol=1e-10)
    found = network.backward(values, delta)
    assert set(found) == set(parameters)
    for name, tensor in parameters.items():
        assert found[name].shape == tuple(tensor.shape)
        close(found[name], tensor.grad.numpy(), rtol=1e-10, atol=1e-10, err_msg=name)
    close(network.input_gradient(values, delta), first.grad.numpy(), rtol=1e-10, atol=1e-10)


@settings(max_examples=80, deadline=None)
@given(problems())
def test_gradients_of_the_cross_entropy_are_those_of_autograd(problem):
    network, inputs, generator = problem
    targets = generator.integers(len(network.layers[-1].biases), size=len(inputs))
    assert_gradients_agree(
        network,
        inputs,
        lambda scores: cross_entropy(scores, targets),
        lambda scores: torch.nn.functional.cross_entropy(scores, torch.tensor(targets), reduction="sum"),
    )


@settings(max_examples=80, deadline=None)
@given(problems())
def test_gradients_of_the_squared_error_are_those_of_autograd(problem):
    network, inputs, generator = problem
    targets = generator.standard_normal((len(inputs), len(network.layers[-1].biases)))
    assert_gradients_agree(
        network,
        inputs,
        lambda outputs: squared_error(outputs, targets),
        lambda outputs: torch.nn.functional.mse_loss(outputs, torch.tensor(targets), reduction="sum"),
    )


@settings(max_examples=40, deadline=None)
@given(problems())
def test_losses_and_gradients_are_sums_over_the_batch(problem):
    network, inputs, generator = problem
    targets = generator.integers(len(network.layers[-1].biases), size=len(inputs))
    loss, delta = cross_entropy(network.scores(inputs), targets)
    whole = network.backward(network.forward(inputs), delta)
    losses = 0.0
    summed = {name: np.zeros_like(values) for name, values in whole.items()}
    for row in range(len(inputs)):
        values = network.forward(inputs[row : row + 1])
        one, delta = cross_entropy(values[-1], targets[row : row + 1])
        losses += one
        for name, gradient in network.backward(values, delta).items():
            summed[name] += gradient
    close(loss, losses, rtol=1e-12)
    for name, gradient in whole.items():
        close(gradient, summed[name], rtol=1e-10, atol=1e-12)


def test_the_way_forward_keeps_the_inputs_and_the_outputs_of_each_layer():
    network, inputs, _ = small_problem()
    values = network.forward(inputs)
    assert [found.shape for found in values] == [(6, 3), (6, 5), (6, 4), (6, 3)]
    assert values[0] is inputs
    first = network.layers[0]
    by_hand = [
        [np.tanh(sum(row[i] * first.weights[i, j] for i in range(3)) + first.biases[j]) for j in range(5)]
        for row in inputs
    ]
    close(values[1], by_hand, rtol=1e-12)
    assert np.array_equal(network.scores(inputs), values[-1])


@pytest.mark.parametrize("name", NAMES)
def test_activations_and_derivatives_from_outputs(name):
    points = np.concatenate([np.linspace(-30, 30, 601), [-800.0, 800.0]])
    tensor = torch.tensor(points, requires_grad=True)
    expected = TORCH[name](tensor)
    expected.sum().backward()
    activation = ACTIVATIONS[name]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        outputs = activation.function(points)
        slopes = activation.derivative(outputs)
    close(outputs, expected.detach().numpy(), rtol=1e-12, atol=1e-15)
    close(slopes, tensor.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_the_sigmoid_never_overflows():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.array_equal(sigmoid(np.array([-1e308, -1e4, 0.0, 1e4, 1e308])), [0, 0, 0.5, 1, 1])


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-50, 50)),
    st.floats(-1000, 1000),
)
def test_softmax_makes_probabilities_that_a_common_shift_leaves_alone(scores, shift):
    probabilities = softmax(scores)
    assert (probabilities > 0).all()
    close(probabilities.sum(axis=1), 1, rtol=1e-14)
    # Adding the shift rounds each score by up to 1e-13, and probabilities change by no more than that.
    close(softmax(scores + shift), probabilities, rtol=1e-11)
    close(probabilities, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), rtol=1e-12)


def test_great_scores_overflow_nowhere():
    scores = np.array([[1e4, 0.0, -1e4], [1e4, 1e4, 1e4]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        probabilities = softmax(scores)
        loss, delta = cross_entropy(scores, np.array([2, 0]))
    assert np.array_equal(probabilities[0], [1, 0, 0])
    close(loss, 2e4 + np.log(3), rtol=1e-15)
    close(delta, [[1, 0, -1], [1 / 3 - 1, 1 / 3, 1 / 3]], rtol=1e-12)


def test_losses_by_hand():
    loss, delta = cross_entropy(np.log([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]), np.array([0, 1]))
    close(loss, -np.log(0.5) - np.log(0.2), rtol=1e-14)
    close(delta, [[-0.5, 0.25, 0.25], [0.1, -0.8, 0.7]], rtol=1e-12)
    loss, delta = squared_error(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, 0.0], [4.0, 2.0]]))
    assert loss == 4 + 1 + 9
    assert np.array_equal(delta, [[0, 4], [-2, 6]])


def test_losses_leave_their_arguments_as_they_are():
    scores, targets = np.arange(6.0).reshape(2, 3), np.array([0, 2])
    cross_entropy(scores, targets)
    squared_error(scores, np.ones_like(scores))
    softmax(scores)
    assert np.array_equal(scores, np.arange(6.0).reshape(2, 3))
    assert np.array_equal(targets, [0, 2])


@pytest.mark.parametrize("names", [("sigmoid", "tanh", "linear"), ("relu", "tanh", "sigmoid")])
def test_back_propagation_agrees_with_central_differences(names):
    network, inputs, targets = small_problem(names)
    values = network.forward(inputs)
    analytic = network.backward(values, cross_entropy(values[-1], targets)[1])
    before = {name: array.copy() for name, array in network.parameters().items()}
    numeric = numeric_gradients(network.parameters(), lambda: cross_entropy(network.scores(inputs), targets)[0])
    for name, array in network.parameters().items():
        assert np.array_equal(array, before[name])  # each value was put back
    found = relative_errors(analytic, numeric)
    assert set(found) == set(network.parameters())
    assert max(found.values()) < 1e-5


def test_central_differences_of_a_cubic_by_hand():
    values = np.array([[1.0, -2.0]])
    found = numeric_gradients({"x": values}, lambda: float((values**3).sum()), step=0.1)
    # ((x + h)^3 - (x - h)^3) / 2h = 3x^2 + h^2
    close(found["x"], [[3.01, 12.01]], rtol=1e-12)


def test_a_wrong_gradient_does_not_pass():
    network, inputs, targets = small_problem()
    values = network.forward(inputs)
    analytic = network.backward(values, cross_entropy(values[-1], targets)[1])
    numeric = numeric_gradients(network.parameters(), lambda: cross_entropy(network.scores(inputs), targets)[0])
    analytic["layer2.weight"][1, 2] *= 1.01
    found = relative_errors(analytic, numeric)
    close(found["layer2.weight"], 0.01 / 1.01, rtol=1e-3)
    assert max(error for name, error in found.items() if name != "layer2.weight") < 1e-5


def test_relative_errors_are_summed_and_zeros_agree():
    found = relative_errors({"w": np.array([1.0, 0.0, -2.0, 0.0])}, {"w": np.array([2.0, 0.0, -1.0, 4.0])})
    close(found["w"], 0.5 + 0 + 0.5 + 1)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_training_follows_the_path_of_torch(momentum):
    network, inputs, targets = small_problem()
    parameters, _, _ = torch_network(network, inputs)
    theirs = torch.optim.SGD(parameters.values(), lr=0.05, momentum=momentum)
    ours = MomentumSGD(network.parameters(), 0.05, momentum)
    start = network.layers[0].weights.copy()
    for _ in range(40):
        values = network.forward(inputs)
        ours.step(network.backward(values, cross_entropy(values[-1], targets)[1]))
        theirs.zero_grad()
        outputs = torch.tensor(inputs)
        for number, layer in enumerate(network.layers, start=1):
            scores = outputs @ parameters[f"layer{number}.weight"] + parameters[f"layer{number}.bias"]
            outputs = TORCH[layer.activation](scores)
        torch.nn.functional.cross_entropy(outputs, torch.tensor(targets), reduction="sum").backward()
        theirs.step()
        for name, array in network.parameters().items():
            close(array, parameters[name].detach().numpy(), rtol=1e-12, atol=1e-12, err_msg=name)
    assert np.abs(network.layers[0].weights - start).max() > 0.1  # far enough for the comparison to mean something


def test_momentum_by_hand():
    values = np.array([1.0])
    optimiser = MomentumSGD({"x": values}, learning_rate=0.1, momentum=0.5)
    for gradient, expected in ((2.0, 0.8), (2.0, 0.5), (0.0, 0.35)):
        optimiser.step({"x": np.array([gradient])})
        close(values, [expected], rtol=1e-14)


def test_an_update_changes_the_network_itself_and_no_gradient():
    network, inputs, targets = small_problem()
    arrays = network.parameters()
    values = network.forward(inputs)
    loss, delta = cross_entropy(values[-1], targets)
    gradients = network.backward(values, delta)
    kept = {name: gradient.copy() for name, gradient in gradients.items()}
    MomentumSGD(arrays, 0.01).step(gradients)
    for name, array in network.parameters().items():
        assert array is arrays[name]
        assert np.array_equal(gradients[name], kept[name])
    assert network.parameters()["layer1.weight"] is network.layers[0].weights
    assert cross_entropy(network.scores(inputs), targets)[0] < loss


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 1000))
def test_an_epoch_visits_each_example_once(count, size, seed):
    batches = list(minibatches(count, size, np.random.default_rng(seed)))
    assert np.array_equal(np.sort(np.concatenate(batches)), np.arange(count))
    assert {len(batch) for batch in batches[:-1]} <= {size}
    assert len(batches[-1]) == (count % size or size)


def test_each_epoch_has_an_order_of_its_own_which_the_seed_decides():
    generator = np.random.default_rng(3)
    first, second = (np.concatenate([*minibatches(50, 8, generator)]) for _ in range(2))
    assert not np.array_equal(first, np.arange(50))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, np.concatenate([*minibatches(50, 8, np.random.default_rng(3))]))


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 1000))
def test_the_batches_of_the_writeup_are_all_full(count, size, seed):
    batches = list(writeup_batches(count, size, np.random.default_rng(seed)))
    assert len(batches) == int(np.ceil(count / size))
    assert {len(batch) for batch in batches} == {size}
    assert set(np.concatenate(batches)) <= set(range(count))


def test_the_batches_of_the_writeup_miss_about_one_example_in_e():
    drawn = np.concatenate([*writeup_batches(10_000, 100, np.random.default_rng(0))])
    missed = 1 - len(np.unique(drawn)) / 10_000
    assert missed == pytest.approx(np.exp(-1), abs=0.015)  # its standard deviation is 0.003


def test_the_weights_of_xavier_keep_to_their_range_and_variance():
    network = Network.xavier([300, 200, 50], ["tanh", "linear"], np.random.default_rng(0))
    for layer, inputs, outputs in zip(network.layers, (300, 200), (200, 50), strict=True):
        limit = np.sqrt(6 / (inputs + outputs))
        assert layer.weights.shape == (inputs, outputs)
        assert layer.weights.dtype == np.float64
        assert 0.999 * limit < np.abs(layer.weights).max() <= limit
        # The mean of n even draws varies by limit / sqrt(3 n), and their variance by 0.9 / sqrt(n) of itself.
        assert abs(layer.weights.mean()) < 4 * limit / np.sqrt(3 * inputs * outputs)
        assert layer.weights.var() == pytest.approx(2 / (inputs + outputs), rel=4 * 0.9 / np.sqrt(inputs * outputs))
        assert not layer.biases.any()


def test_units_that_start_at_zero_stay_alike():
    network = Network.zeros([3, 5, 4], ["sigmoid", "linear"])
    assert not any(array.any() for array in network.parameters().values())
    _, inputs, targets = small_problem()
    optimiser = MomentumSGD(network.parameters(), 0.1, 0.9)
    for _ in range(30):
        values = network.forward(inputs)
        optimiser.step(network.backward(values, cross_entropy(values[-1], targets)[1]))
    weights = network.layers[0].weights
    assert np.abs(weights).max() > 1e-3
    close(weights, np.repeat(weights[:, :1], 5, axis=1), rtol=1e-12)


def test_parameters_are_named_by_layer():
    network, _, _ = small_problem()
    shapes = {name: array.shape for name, array in network.parameters().items()}
    assert shapes == {
        "layer1.weight": (3, 5),
        "layer1.bias": (5,),
        "layer2.weight": (5, 4),
        "layer2.bias": (4,),
        "layer3.weight": (4, 3),
        "layer3.bias": (3,),
    }


@pytest.mark.parametrize("make", [lambda *args: Network.xavier(*args, np.random.default_rng(0)), Network.zeros])
def test_each_layer_needs_an_activation(make):
    with pytest.raises(ValueError, match="zip"):
        make([3, 4, 2], ["tanh"])


def test_an_unknown_activation_is_named():
    with pytest.raises(KeyError, match="softplus"):
        Layer(np.zeros((1, 1)), np.zeros(1), "softplus").forward(np.zeros((1, 1)))


def test_it_needs_nothing_but_numpy():
    imports = "; ".join(f"import rework.numpy_network.{name}" for name in MODULES)
    code = f"import sys; {imports}; print([n for n in ('torch', 'scipy', 'matplotlib', 'sklearn') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY / "workflow", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert {path.stem for path in Path(REPOSITORY, "workflow/rework/numpy_network").glob("[!_]*.py")} == set(MODULES)
