"""The derivations of `nist36` in question 1, each with a numerical check."""

from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements, short
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, plot_style
from rework.numpy_network.activations import ACTIVATIONS, sigmoid, softmax
from rework.numpy_network.losses import cross_entropy
from rework.numpy_network.network import Network
from rework.settings.ranges import Count, Few, Positive, Range, Side, TwoOrMore, Units

Floats = NDArray[np.float64]

COLLAPSE_INPUTS = 16  # random inputs on which each network of linear layers is compared


@measures(max_difference=("max_difference",))
def softmax_invariance(context: ArtefactContext, *, draws: Count, size: Side, scales: tuple[Positive, ...]) -> Built:
    """Compare softmax(x + c) with softmax(x), and count what overflows without a shift (Q1.1, Q1.2).

    There are ``draws`` vectors of ``size`` scores for each of the standard deviations in ``scales``.
    """
    generator = context.random_numbers()
    rows: list[dict[str, Any]] = []
    for scale in scales:
        scores = generator.standard_normal((draws, size)) * scale
        shifted = scores + generator.standard_normal((draws, 1)) * scale
        difference = np.abs(softmax(scores) - softmax(shifted)).max()
        with np.errstate(over="ignore", invalid="ignore"):  # overflows are what we count
            powers = np.exp(scores)
            plain = powers / powers.sum(axis=1, keepdims=True)
        rows.append(
            {
                "scale": float(scale),
                "difference": float(difference),
                "sums": float(np.abs(softmax(scores).sum(axis=1) - 1).max()),
                "overflow": int((~np.isfinite(plain)).any(axis=1).sum()),
                "stable": int((~np.isfinite(softmax(scores))).any(axis=1).sum()),
            }
        )
    data = pd.DataFrame(rows)
    greatest = float(data["difference"].max())
    return Built(
        caption=(
            f"Softmax of {draws} random vectors of {size} scores at each scale, before and after all scores of a "
            "vector are shifted by the same random number; and how many of them are lost to overflow with and without "
            "the shift by the greatest score (float64)."
        ),
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference", exact(greatest)),),
        table=Table.of(
            short(data, "difference", "sums"),
            Column("scale", "standard deviation of the scores", "right"),
            Column("difference", "greatest difference after a shift", "right"),
            Column("sums", "greatest distance of a sum from 1", "right"),
            Column("overflow", "vectors that overflow with c = 0", "right"),
            Column("stable", "with c = −max", "right"),
        ),
        facts={"difference": greatest, "overflow": int(data["overflow"].sum())},
    )


@measures(max_difference=("max_difference",))
def linear_collapse(context: ArtefactContext, *, width: Side, draws: Count, depths: tuple[Few, ...]) -> Built:
    """Compare networks of linear layers of the given ``depths`` with the single map each is equivalent to (Q1.3)."""
    generator = context.random_numbers()
    rows: list[dict[str, Any]] = []
    for depth in depths:
        greatest = 0.0
        for _ in range(draws):
            sizes = [width] * (depth + 1)
            network = Network.xavier(sizes, ["linear"] * depth, generator)
            for layer in network.layers:
                layer.biases[:] = generator.standard_normal(width)
            inputs = generator.standard_normal((COLLAPSE_INPUTS, width))
            weights, biases = collapsed(network)
            greatest = max(greatest, float(np.abs(network.scores(inputs) - (inputs @ weights + biases)).max()))
        rows.append({"depth": int(depth), "draws": draws, "difference": greatest})
    data = pd.DataFrame(rows)
    greatest = float(data["difference"].max())
    return Built(
        caption=(
            f"Networks of linear layers of {width} units with random weights and biases, each against the single "
            f"affine map that its layers multiply to, on {COLLAPSE_INPUTS} random inputs (float64)."
        ),
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference", exact(greatest)),),
        table=Table.of(
            short(data, "difference"),
            Column("depth", "layers", "right"),
            Column("draws", "random networks", "right"),
            Column("difference", "greatest difference of an output", "right"),
        ),
        facts={"difference": greatest},
    )


def collapsed(network: Network) -> tuple[Floats, Floats]:
    """Return the weights and biases of the single affine map that the linear layers are equivalent to."""
    weights, biases = network.layers[0].weights, network.layers[0].biases
    for layer in network.layers[1:]:
        weights, biases = weights @ layer.weights, biases @ layer.weights + layer.biases
    return weights, biases


@measures(max_difference=("max_difference",))
def gradients(context: ArtefactContext, *, draws: Count, inputs: Units, outputs: Units) -> Built:
    """Compare the derivative of the sigmoid and the gradients of y = Wx + b with autograd (Q1.4, Q1.5)."""
    import torch  # only here: no other artefact needs it, and it takes seconds to import

    generator = context.random_numbers()
    points = generator.uniform(-10, 10, draws)
    tensor = torch.from_numpy(points).requires_grad_()
    torch.sigmoid(tensor).sum().backward()  # type: ignore[no-untyped-call]
    found = {"derivative of the sigmoid": _apart(ACTIVATIONS["sigmoid"].derivative(sigmoid(points)), tensor.grad)}
    names = ("gradient of W", "gradient of x", "gradient of b")
    found |= dict.fromkeys(names, 0.0)
    for _ in range(draws):
        weights, vector, biases, delta = (
            generator.standard_normal(shape) for shape in ((outputs, inputs), inputs, outputs, outputs)
        )
        tensors = [torch.from_numpy(array).requires_grad_() for array in (weights, vector, biases)]
        (tensors[0] @ tensors[1] + tensors[2]).backward(torch.from_numpy(delta))  # type: ignore[no-untyped-call]
        by_formula = (np.outer(delta, vector), weights.T @ delta, delta)
        for name, formula, other in zip(names, by_formula, tensors, strict=True):
            found[name] = max(found[name], _apart(formula, other.grad))
    greatest = max(found.values())
    data = pd.DataFrame(list(found.items()), columns=["quantity", "difference"])
    return Built(
        caption=(
            f"The formulas above against torch's automatic differentiation in float64: the sigmoid at {draws} random "
            f"points from −10 to 10, the gradients for {draws} random maps from {inputs} to {outputs} values."
        ),
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference", exact(greatest)),),
        table=Table.of(
            short(data, "difference"),
            Column("quantity", "quantity"),
            Column("difference", "greatest difference from autograd", "right"),
        ),
        facts={"difference": greatest},
    )


@measures(max_derivative=("sigmoid", "tanh"))
def activations(context: ArtefactContext, *, points: TwoOrMore) -> Built:
    """Return sigmoid and tanh and their derivatives, at ``points`` points (figure 1)."""
    del context  # nothing is read
    inputs = np.linspace(-6, 6, points)
    outputs = {name: ACTIVATIONS[name].function(inputs) for name in ("sigmoid", "tanh")}
    slopes = {name: ACTIVATIONS[name].derivative(values) for name, values in outputs.items()}
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.5))
        panels = figure.subplots(1, 2)
        for axes, curves, label in zip(panels, (outputs, slopes), ("activation", "derivative"), strict=True):
            for position, (name, values) in enumerate(curves.items()):
                axes.plot(inputs, values, color=COLOURS[position], linestyle=LINES[position], label=name)
            axes.set_xlabel("x")
            axes.set_ylabel(label)
        panels[0].legend(loc="upper left")
    greatest = {name: float(values.max()) for name, values in slopes.items()}
    places = {name: float(inputs[values.argmax()]) for name, values in slopes.items()}
    return Built(
        caption=(
            "Sigmoid and hyperbolic tangent with their derivatives. The greatest derivatives are "
            f"{greatest['sigmoid']:g} at {places['sigmoid']:g} and {greatest['tanh']:g} at {places['tanh']:g}."
        ),
        alt="Two plots: the S-shaped curves of sigmoid and tanh, and the bell-shaped curves of their derivatives",
        data=pd.DataFrame({"x": inputs, **outputs, **{f"{name}'": values for name, values in slopes.items()}}),
        values=tuple(
            Measured(name, "max_derivative", f"greatest derivative of {name}", exact(value))
            for name, value in greatest.items()
        ),
        figure=figure,
        facts=greatest,
    )


def vanishing_gradient(
    context: ArtefactContext,
    *,
    depth: Few,
    width: Annotated[int, Range(least=8, most=4096)],
    draws: Count,
    examples: Count,
) -> Built:
    """Return the root mean square of the gradients by layer, in deep networks at initialisation (Q1.6).

    The networks have ``depth`` layers of ``width`` units; there are ``draws`` networks for each activation function and
    ``examples`` random inputs.
    """
    generator = context.random_numbers()
    found: dict[str, Floats] = {}
    for name in ("sigmoid", "tanh", "relu"):
        sizes = [width] * depth + [10]
        names = [name] * (depth - 1) + ["linear"]
        found[name] = np.array([_gradient_sizes(sizes, names, examples, generator) for _ in range(draws)])
    points = np.linspace(-20, 20, 4001)
    identity = float(np.abs(np.tanh(points) - (2 * sigmoid(2 * points) - 1)).max())
    ratios = {name: float(np.median(sizes[:, 0] / sizes[:, -1])) for name, sizes in found.items()}
    return Built(
        caption=(
            f"Root mean square of the gradient of the weights in each of {depth} layers, of {width} units but for the "
            f"last with ten, before training with Xavier's weights, for {draws} random networks and {examples} random "
            "inputs each (line: median; band: from the least to the greatest). First layer over last layer: "
            f"{', '.join(f'{name} {ratio:.1e}' for name, ratio in ratios.items())}. tanh x and 2 σ(2x) − 1 differ by "
            f"at most {identity:.0e} between −20 and 20."
        ),
        alt="Line plot on a logarithmic scale: gradients by layer, falling steeply towards the first for the sigmoid",
        data=elements(
            np.stack(list(found.values())),
            "root mean square",
            {"activation": found, "network": range(1, draws + 1), "layer": range(1, depth + 1)},
        ),
        figure=_sizes_figure(found),
        facts={"ratios": ratios, "identity": identity, "depth": depth},
    )


def _gradient_sizes(
    sizes: list[int], activation_names: list[str], examples: int, generator: np.random.Generator
) -> list[float]:
    """Return the root mean square of the gradient of each layer's weights in a random network."""
    network = Network.xavier(sizes, activation_names, generator)
    values = network.forward(generator.standard_normal((examples, sizes[0])))
    _, delta = cross_entropy(values[-1], generator.integers(sizes[-1], size=examples))
    found = network.backward(values, delta / examples)
    return [float(np.sqrt((found[f"layer{number}.weight"] ** 2).mean())) for number in range(1, len(sizes))]


def _sizes_figure(found: dict[str, Floats]) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.8))
        axes = figure.subplots()
        for position, (name, sizes) in enumerate(found.items()):
            layers = np.arange(1, sizes.shape[1] + 1)
            axes.fill_between(layers, sizes.min(0), sizes.max(0), color=COLOURS[position], alpha=0.25, linewidth=0)
            axes.plot(
                layers,
                np.median(sizes, axis=0),
                color=COLOURS[position],
                linestyle=LINES[position],
                marker="o",
                markersize=3,
                label=name,
            )
        axes.set_yscale("log")
        axes.set_xticks(layers)
        axes.set_xlabel("layer, counted from the input")
        axes.set_ylabel("gradient of the weights\n(root mean square)")
        axes.legend()
    return figure


def _apart(formula: Floats, other: Any) -> float:
    return float(np.abs(formula - other.numpy()).max())
