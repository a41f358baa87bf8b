"""One update of a small network with every value of the forward and the backward pass (1.3)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import short
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style
from rework.numpy_network.activations import sigmoid
from rework.numpy_network.network import Layer, Network
from rework.settings.ranges import Positive, Weight

Floats = NDArray[np.float64]

RADIUS, WIDTH = 0.75, 12.0  # of a unit and of the whole drawing


@dataclass(frozen=True)
class Pass:
    """A forward and a backward pass of one example through two layers of sigmoid units.

    Attributes:
        parameters: weights and biases by name, before the update.
        gradients: of the loss with respect to each of them.
        values: inputs, hidden values and the prediction, each (1, units).
        deltas: gradients with respect to the scores of the hidden units and of the output, each (units,).
        loss: cross-entropy in nats.
    """

    parameters: dict[str, Floats]
    gradients: dict[str, Floats]
    values: list[Floats]
    deltas: tuple[Floats, Floats]
    loss: float


@measures(max_difference=("max_difference",))
@needs(alike=(("inputs", "hidden"), ("hidden_biases", "output", "hidden[]")))
def backpropagation(
    context: ArtefactContext,
    *,
    inputs: tuple[Weight, ...],
    target: Literal[0, 1],
    hidden: tuple[tuple[Weight, ...], ...],
    hidden_biases: tuple[Weight, ...],
    output: tuple[Weight, ...],
    output_bias: Weight,
    learning_rate: Positive,
) -> Built:
    """Draw one update of a network with two layers, and compare its gradients with automatic differentiation.

    Args:
        context: the artefact.
        inputs: of the example.
        target: its class.
        hidden: for each input, its weights to the hidden units.
        hidden_biases: of the hidden units.
        output: the weights of the hidden units to the output.
        output_bias: of the output.
        learning_rate: of the update.
    """
    del context  # nothing is read
    network = Network(
        (
            Layer(np.array(hidden, dtype=np.float64), np.array(hidden_biases, dtype=np.float64), "sigmoid"),
            Layer(np.array(output, dtype=np.float64)[:, None], np.array([output_bias], dtype=np.float64), "linear"),
        )
    )
    example = np.array([inputs], dtype=np.float64)
    found = one_pass(network, example, target)
    library = _by_torch(found.parameters, example, target)
    rows = _rows(found, library, learning_rate)
    data = pd.DataFrame(rows)
    for name, values in network.parameters().items():
        values -= learning_rate * found.gradients[name]
    after = one_pass(network, example, target)
    greatest = float(data["difference"].max())
    return Built(
        caption=(
            f"One example of class {target} through a network of sigmoid units. In each unit: its output and (δ) the "
            "gradient of the loss with respect to its score. Above each connection its weight, and below it the "
            "gradient, which is the value at its start times the gradient at its end. The loss is "
            f"{found.loss:.4f} nats and, after one update at the rate {learning_rate:g}, {after.loss:.4f}."
        ),
        alt="Diagram of a network with inputs, hidden units and one output, with values and gradients in every unit",
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference from autograd", exact(greatest)),),
        table=Table.of(
            short(data, "difference"),
            Column("parameter", "parameter"),
            Column("value", "value", "right", decimals=4),
            Column("rule", "gradient as a product"),
            Column("gradient", "gradient", "right", decimals=6),
            Column("library", "autograd, single precision", "right", decimals=6),
            Column("difference", "difference", "right"),
            Column("updated", "after the update", "right", decimals=4),
        ),
        figure=_figure(found, target),
        facts={"difference": greatest, "loss": found.loss, "after": after.loss, "prediction": found.values[2].item()},
    )


def one_pass(network: Network, example: Floats, target: int) -> Pass:
    """Return all values of an example (1, inputs) on its way through a network and back.

    The last layer of the network is linear: its score goes through a sigmoid into the cross-entropy, whose gradient
    with respect to the score is the prediction minus the target.
    """
    values = network.forward(example)
    prediction = sigmoid(values[-1])
    delta = prediction - target
    gradients = network.backward(values, delta)
    loss = float(np.logaddexp(0, (1 - 2 * target) * values[-1]).item())
    parameters = {name: array.copy() for name, array in network.parameters().items()}
    # The bias of a unit has the same gradient as its score.
    deltas = (gradients["layer1.bias"], gradients["layer2.bias"])
    return Pass(parameters, gradients, [*values[:2], prediction], deltas, loss)


def _by_torch(parameters: dict[str, Floats], example: Floats, target: int) -> dict[str, Floats]:
    """Return the gradients that torch finds in single precision."""
    import torch  # only here: no other function of this module needs it, and it takes seconds to import
    from torch.nn import functional

    tensors = {name: torch.from_numpy(array).float().requires_grad_() for name, array in parameters.items()}
    inputs = torch.from_numpy(example).float()
    hidden = torch.sigmoid(inputs @ tensors["layer1.weight"] + tensors["layer1.bias"])
    prediction = torch.sigmoid(hidden @ tensors["layer2.weight"] + tensors["layer2.bias"])
    loss = functional.binary_cross_entropy(prediction, torch.full_like(prediction, target))
    loss.backward()  # type: ignore[no-untyped-call]
    found: dict[str, Floats] = {}
    for name, tensor in tensors.items():
        assert tensor.grad is not None
        found[name] = tensor.grad.numpy()
    return found


def _rows(found: Pass, library: dict[str, Floats], rate: float) -> list[dict[str, Any]]:
    """Return a row for each weight and bias: its value, its gradient as a product, and torch's."""
    starts = (("x", found.values[0][0]), ("h", found.values[1][0]))
    ends = (("h", found.deltas[0]), ("", found.deltas[1]))
    rows = []
    for number, ((start, values), (end, deltas)) in enumerate(zip(starts, ends, strict=True), start=1):
        for unit, delta in enumerate(deltas):
            goal = f"{end}{unit + 1}" if end else "p"
            factors: list[tuple[str, tuple[int, ...], str]] = [
                (f"{start}{place + 1} → {goal}", (place, unit), f"{_signed(value)} · {_signed(delta)}")
                for place, value in enumerate(values)
            ]
            for name, position, rule in [*factors, (f"bias of {goal}", (unit,), _signed(delta))]:
                key = f"layer{number}.{'weight' if len(position) == 2 else 'bias'}"
                value, gradient = found.parameters[key][position].item(), found.gradients[key][position].item()
                other = library[key][position].item()
                rows.append(
                    {
                        "parameter": name,
                        "value": value,
                        "rule": rule,
                        "gradient": gradient,
                        "library": other,
                        "difference": abs(gradient - other),
                        "updated": value - rate * gradient,
                    }
                )
    return rows


def _signed(value: float) -> str:
    """Return a number with four decimals; a negative one in parentheses."""
    return f"{value:.4f}" if value >= 0 else f"(−{-value:.4f})"


def _figure(found: Pass, target: int) -> Figure:
    columns = [_places(len(layer[0]), x) for layer, x in zip(found.values, (0.0, 4.6, 9.0), strict=True)]
    reach = max(abs(y) for places in columns for _, y in places) + RADIUS + 0.5
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, FULL_WIDTH * 2 * reach / WIDTH))
        axes = figure.subplots()
        axes.set_xlim(-RADIUS - 0.1, WIDTH - RADIUS - 0.1)
        axes.set_ylim(-reach, reach)
        axes.set_aspect("equal")
        axes.set_axis_off()
        for number, (starts, ends) in enumerate(pairwise(columns), start=1):
            name = f"layer{number}.weight"
            _draw_connections(axes, starts, ends, found.parameters[name], found.gradients[name])
        for number, places in enumerate(columns):
            for unit, place in enumerate(places):
                delta = found.deltas[number - 1][unit] if number else None
                bias = found.parameters[f"layer{number}.bias"][unit] if number else None
                name = ("x", "h", "p")[number] + ("₁₂₃₄₅₆₇₈₉"[unit % 9] if number < 2 else "")
                _draw_unit(axes, place, name, found.values[number][0, unit], delta, bias)
        (x, y), *_ = columns[2]
        axes.text(x + RADIUS + 0.15, y, f"loss {found.loss:.4f}\ny = {target}", va="center", weight=600)
    return figure


def _places(count: int, x: float) -> list[tuple[float, float]]:
    """Return the centres of the units of a layer, one below the other."""
    return [(x, 2.7 * ((count - 1) / 2 - unit)) for unit in range(count)]


def _draw_unit(
    axes: Axes, place: tuple[float, float], name: str, value: float, delta: float | None, bias: float | None
) -> None:
    colour = COLOURS[0] if delta is None else COLOURS[2]
    axes.add_patch(Circle(place, RADIUS, facecolor=colour, alpha=0.16, edgecolor="none"))
    axes.add_patch(Circle(place, RADIUS, facecolor="none", edgecolor=INK, linewidth=0.9))
    lines = [f"{name} = {_plain(value)}", *([] if delta is None else [f"δ = {_plain(delta)}"])]
    axes.text(*place, "\n".join(lines), ha="center", va="center", fontsize=7)
    if bias is not None:
        axes.text(place[0], place[1] - RADIUS - 0.08, f"bias {_plain(bias)}", ha="center", va="top", fontsize=7)


def _draw_connections(
    axes: Axes, starts: list[tuple[float, float]], ends: list[tuple[float, float]], weights: Floats, gradients: Floats
) -> None:
    """Draw lines from unit to unit with their weights above and their gradients below them."""
    for start, begin in enumerate(starts):
        for end, goal in enumerate(ends):
            way = np.subtract(goal, begin)
            edge = RADIUS * way / np.hypot(*way)
            axes.plot(*np.stack([begin + edge, goal - edge], axis=1), color=INK, linewidth=0.8, alpha=0.6)
            # At a third of the way, the labels of crossing lines do not meet.
            style = {"rotation": np.degrees(np.arctan2(way[1], way[0])), "rotation_mode": "anchor", "fontsize": 7}
            x, y = begin + 0.35 * way
            across = 0.08 * np.array([-way[1], way[0]]) / np.hypot(*way)
            axes.text(x + across[0], y + across[1], _plain(weights[start, end]), ha="center", va="bottom", **style)
            below = {**style, "color": COLOURS[1]}
            axes.text(x - across[0], y - across[1], _plain(gradients[start, end]), ha="center", va="top", **below)


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".").replace("-", "−")
