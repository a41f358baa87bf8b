"""The toy problem of question 2: four clouds of points, and the numpy network on them."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.evaluation.statistics import estimate
from rework.numpy_network.activations import softmax
from rework.numpy_network.gradient_check import numeric_gradients, relative_errors
from rework.numpy_network.losses import cross_entropy
from rework.numpy_network.network import Layer, Network
from rework.numpy_network.training import MomentumSGD, writeup_batches
from rework.seeds import derive_seed
from rework.settings.ranges import Positive, Range, Whole

Floats = NDArray[np.float64]
SIZES, ACTIVATIONS = (2, 25, 4), ("sigmoid", "linear")
PER_CLASS = 10
# The text says only that there are 40 points in four classes; how they are drawn is the course's code, without a seed.
CENTRES = np.array([[3.6, 40.0], [3.9, 10.0], [3.4, 30.0], [2.0, 10.0]])
VARIANCES = np.array([[0.05, 10.0], [0.01, 5.0], [0.25, 5.0], [0.5, 10.0]])
BATCH_SIZE, LEARNING_RATE, ITERATIONS = 5, 1e-3, 500
# What the writeup calls the parameters.
NAMES = {"layer1.weight": "Wlayer1", "layer1.bias": "blayer1", "layer2.weight": "Woutput", "layer2.bias": "boutput"}


@dataclass(frozen=True)
class Toy:
    """Points (40, 2), their classes (40,), and the generator for all later draws."""

    points: Floats
    targets: NDArray[np.int64]
    generator: np.random.Generator


def toy_problem(context: ArtefactContext, seed: int) -> Toy:
    """Return the points for a seed: ten around each of four centres, normally distributed, as in the course."""
    generator = np.random.default_rng(derive_seed(context.settings.global_seed, "nist36", "toy", seed))
    targets = np.repeat(np.arange(len(CENTRES)), PER_CLASS)
    off = np.sqrt(VARIANCES[targets]) * generator.standard_normal((len(targets), 2))
    return Toy(CENTRES[targets] + off, targets, generator)


def initialisation(context: ArtefactContext, *, seed: Whole) -> Built:
    """Compare zero and Xavier initialisation before and after training (Q2.1); ``seed`` sets the random draws."""
    toy = toy_problem(context, seed)
    networks = {
        "zero": Network.zeros(SIZES, ACTIVATIONS),
        "Xavier, uniform": Network.xavier(SIZES, ACTIVATIONS, toy.generator),
    }
    batches = draw_batches(toy)
    rows: list[dict[str, Any]] = []
    for name, network in networks.items():
        values = network.forward(toy.points)
        gradients = network.backward(values, cross_entropy(values[-1], toy.targets)[1])
        row: dict[str, Any] = {
            "start": name,
            "hidden": float(values[1].std()),
            "scores": float(values[2].std()),
            "gradient": float(gradients["layer1.weight"].std()),
            "output_gradient": float(gradients["layer2.weight"].std()),
        }
        train(network, toy, batches, ITERATIONS)
        weights = np.vstack([network.layers[0].weights, network.layers[0].biases])
        scores = network.scores(toy.points)
        row |= {
            "units": len(np.unique(weights.round(12), axis=1).T),
            "loss": cross_entropy(scores, toy.targets)[0],
            "accuracy": float((scores.argmax(axis=1) == toy.targets).mean()),
        }
        rows.append(row)
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"The toy network with {SIZES[1]} hidden units, started in two ways, on one draw of points and batches "
            f"(seed {seed}): standard deviations before training, and what {ITERATIONS} iterations over the same "
            f"batches make of it, measured on all {len(toy.targets)} points. Units that start equal stay equal."
        ),
        data=data,
        table=Table.of(
            data,
            Column("start", "weights at the start"),
            Column("hidden", "spread of the hidden values", "right", decimals=3),
            Column("scores", "of the scores", "right", decimals=3),
            Column("gradient", "of the gradient of the first layer", "right", decimals=3),
            Column("output_gradient", "of the second layer", "right", decimals=3),
            Column("units", "different hidden units after training", "right"),
            Column("loss", "loss of all points after training, nats", "right", decimals=2),
            Column("accuracy", "accuracy", "right", "%", 1),
        ),
        facts={row["start"].partition(",")[0].lower(): {k: v for k, v in row.items() if k != "start"} for row in rows},
    )


@measures(loss=("loss", "another-run"), accuracy=("accuracy",))
def forward_check(context: ArtefactContext, *, seeds: tuple[Whole, ...]) -> Built:
    """Return shapes, sums of probabilities, loss and accuracy before training, over ``seeds`` (Q2.2)."""
    losses, accuracies, sums = [], [], []
    for seed in seeds:
        toy = toy_problem(context, seed)
        network = Network.xavier(SIZES, ACTIVATIONS, toy.generator)
        values = network.forward(toy.points)
        loss, _ = cross_entropy(values[-1], toy.targets)
        losses.append(loss)
        accuracies.append(float((values[-1].argmax(axis=1) == toy.targets).mean()))
        sums.append(softmax(values[-1]).sum(axis=1))
    shapes = {
        "points": shape_text(values[0]),
        "weights and biases of the hidden layer": layer_text(network.layers[0]),
        "hidden values": shape_text(values[1]),
        "weights and biases of the output layer": layer_text(network.layers[1]),
        "scores and probabilities": shape_text(values[2]),
        "sums of the probabilities of a point": f"1 {np.min(sums) - 1:+.0e} to 1 {np.max(sums) - 1:+.0e}",
    }
    return Built(
        caption=(
            f"The network on the {len(toy.targets)} points before training. They are drawn as in the course's code, "
            f"{PER_CLASS} from each of {len(CENTRES)} normal distributions. Loss and accuracy depend on the draw of "
            f"points and weights, for which the writeup has no seed; they are means of {len(seeds)} draws."
        ),
        data=pd.DataFrame({"seed": seeds, "loss": losses, "accuracy": accuracies}),
        values=(
            # The writeup shows the losses of two runs; ours is the mean of several.
            Measured("loss", "loss", "loss of all points, nats", estimate(losses), seeds),
            Measured("another-run", "loss", "loss of all points, nats", estimate(losses), seeds),
            Measured("accuracy", "accuracy", "accuracy", estimate(accuracies, share=True), seeds, "%"),
        ),
        table=Table.of(
            pd.DataFrame(list(shapes.items()), columns=["what", "shape"]),
            Column("what", "array"),
            Column("shape", "shape or range", "right"),
        ),
        facts={
            "loss": float(np.mean(losses)),
            "accuracy": float(np.mean(accuracies)),
            "draws": len(seeds),
            "clouds": [
                {"centre": centre.tolist(), "variance": variance.tolist()}
                for centre, variance in zip(CENTRES, VARIANCES, strict=True)
            ],
        },
    )


@measures(
    loss=("iteration-{iterations}", "another-run-{another_run}"),
    accuracy=("iteration-{iterations}", "another-run-{another_run}"),
)
def toy_training(
    context: ArtefactContext,
    *,
    seeds: tuple[Whole, ...],
    iterations: tuple[Annotated[int, Range(least=0, below=500)], ...],
    another_run: Annotated[int, Range(least=0, below=500)],
) -> Built:
    """Return loss and accuracy at the given ``iterations``, over ``seeds`` (Q2.4).

    Args:
        context: the artefact.
        seeds: of the draws.
        iterations: those that the writeup prints of its training.
        another_run: the iteration that it prints of a second training.
    """
    logs = []
    for seed in seeds:
        toy = toy_problem(context, seed)
        network = Network.xavier(SIZES, ACTIVATIONS, toy.generator)
        logs.append(train(network, toy, draw_batches(toy), ITERATIONS))
    shown = {f"iteration-{iteration}": iteration for iteration in iterations}
    shown[f"another-run-{another_run}"] = another_run
    values: list[Measured] = []
    for column, metric, unit in ((0, "loss", "nats"), (1, "accuracy", "%")):
        values += [
            Measured(
                key,
                metric,
                f"{metric} at iteration {iteration}",
                estimate([log[iteration][column] for log in logs], share=unit == "%"),
                seeds,
                unit,
            )
            for key, iteration in shown.items()
        ]
    return Built(
        caption=(
            f"Training on the toy problem: batches of {BATCH_SIZE} drawn once with replacement, learning rate "
            f"{LEARNING_RATE:g}, {ITERATIONS} iterations over all batches. The loss is the sum over the batches of an "
            f"iteration, the accuracy their mean; both are means of {len(seeds)} draws of points, weights and batches."
        ),
        data=pd.DataFrame(
            [
                (seed, iteration, *log[iteration])
                for seed, log in zip(seeds, logs, strict=True)
                for iteration in iterations
            ],
            columns=["seed", "iteration", "loss", "accuracy"],
        ),
        values=tuple(values),
        facts={"last_loss": float(np.mean([log[-1][0] for log in logs]))},
    )


@measures(relative_error=("Wlayer1", "blayer1", "Woutput", "boutput", "total"))
def gradient_check(context: ArtefactContext, *, step: Positive, seed: Whole) -> Built:
    """Compare back-propagation with central differences of ``step`` after training (Q2.5)."""
    toy = toy_problem(context, seed)
    network = Network.xavier(SIZES, ACTIVATIONS, toy.generator)
    train(network, toy, draw_batches(toy), ITERATIONS)
    values = network.forward(toy.points)
    _, delta = cross_entropy(values[-1], toy.targets)
    analytic = network.backward(values, delta)
    numeric = numeric_gradients(
        network.parameters(), lambda: cross_entropy(network.scores(toy.points), toy.targets)[0], step
    )
    found = {NAMES[name]: error for name, error in relative_errors(analytic, numeric).items()}
    found["total"] = sum(found.values())
    sizes = {NAMES[name]: values.size for name, values in network.parameters().items()}
    return Built(
        caption=(
            f"Relative errors of back-propagation against central differences with a step of {step:g}, summed over all "
            f"elements of a parameter as in the writeup, on the trained toy network (float64)."
        ),
        data=pd.DataFrame(
            [(name, sizes.get(name, sum(sizes.values())), error) for name, error in found.items()],
            columns=["parameter", "elements", "relative error"],
        ),
        values=tuple(Measured(name, "relative_error", name, exact(error)) for name, error in found.items()),
        facts={"total": found["total"]},
    )


def draw_batches(toy: Toy) -> list[NDArray[np.int64]]:
    """Return batches of points drawn with replacement; like the writeup, training draws them only once."""
    return list(writeup_batches(len(toy.targets), BATCH_SIZE, toy.generator))


def train(network: Network, toy: Toy, batches: list[NDArray[np.int64]], iterations: int) -> list[tuple[float, float]]:
    """Train as the writeup does, and return the loss and accuracy of each iteration, measured while training."""
    optimiser = MomentumSGD(network.parameters(), LEARNING_RATE)
    log = []
    for _ in range(iterations):
        total, hits = 0.0, 0.0
        for rows in batches:
            values = network.forward(toy.points[rows])
            loss, delta = cross_entropy(values[-1], toy.targets[rows])
            total += loss
            hits += float((values[-1].argmax(axis=1) == toy.targets[rows]).mean())
            optimiser.step(network.backward(values, delta))
        log.append((total, hits / len(batches)))
    return log


def layer_text(layer: Layer) -> str:
    """Return the shapes of the weights and biases of a layer as text."""
    return f"{shape_text(layer.weights)}, {shape_text(layer.biases)}"


def shape_text(values: Floats) -> str:
    """Return the shape of an array as text."""
    return " × ".join(map(str, values.shape))
