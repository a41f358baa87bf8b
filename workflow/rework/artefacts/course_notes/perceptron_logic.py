"""Perceptrons as logic gates, and two layers of them where one is not enough (1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.scatter import MARKERS, draw_line
from rework.artefacts.result import Built, Column, Table
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, LINES, plot_style
from rework.settings.ranges import Range

Bits = NDArray[np.int64]
Outputs = tuple[int, ...]

INPUTS: Bits = np.array(list(product((0, 1), repeat=2)))
"""All inputs of a gate, in the order 00, 01, 10, 11."""


@dataclass(frozen=True)
class Perceptron:
    """Gives 1 where ``weights`` · inputs + ``bias`` is at least 0."""

    weights: tuple[float, float]
    bias: float

    def outputs(self, inputs: Bits) -> Bits:
        """Return the output for each row of two inputs."""
        found: Bits = (inputs @ np.array(self.weights) + self.bias >= 0).astype(np.int64)
        return found

    def __str__(self) -> str:
        numbers = f"({self.weights[0]:g}, {self.weights[1]:g}), {self.bias:g}"
        return numbers.replace("-", "−")


GATES: Mapping[str, tuple[Perceptron, Outputs]] = {
    "AND": (Perceptron((1, 1), -1.5), (0, 0, 0, 1)),
    "OR: both weights of AND doubled": (Perceptron((2, 2), -1.5), (0, 1, 1, 1)),
    "OR: a bias nearer to 0 than that of AND": (Perceptron((1, 1), -0.5), (0, 1, 1, 1)),
    "NOT of the second input": (Perceptron((0, -1), 0.5), (1, 0, 1, 0)),
    "NAND": (Perceptron((-1, -1), 1.5), (1, 1, 1, 0)),
}
"""Each with the outputs for ``INPUTS`` that it is to have."""

EXCLUSIVE_OR: Outputs = (0, 1, 1, 0)
HIDDEN = ("OR: a bias nearer to 0 than that of AND", "NAND")
"""The gates of the first layer of XOR; AND is the second."""

DECREASED = Perceptron((1, 1), -2.5)
"""AND with a decreased bias, which the notes' words call OR."""


def exclusive_or(inputs: Bits) -> Bits:
    """Return the outputs of two layers: AND of what OR and NAND make of the inputs."""
    hidden = [GATES[name][0].outputs(inputs) for name in HIDDEN]
    return GATES["AND"][0].outputs(np.column_stack(hidden))


def perceptron_logic(context: ArtefactContext, *, grid: Annotated[int, Range(least=1, most=20)]) -> Built:
    """Return the truth tables of gates, and how many functions of two inputs one perceptron can compute.

    Args:
        context: the artefact.
        grid: weights and biases from -grid to grid in steps of 1/2 are tried for the count.
    """
    del context  # nothing is read
    rows = [_row(name, str(unit), unit.outputs(INPUTS), wanted) for name, (unit, wanted) in GATES.items()]
    rows.append(_row("XOR: two layers", "AND of OR and NAND", exclusive_or(INPUTS), EXCLUSIVE_OR))
    data = pd.DataFrame(rows)
    possible = computable(grid)
    missing = sorted(set(product((0, 1), repeat=4)) - possible)
    return Built(
        caption=(
            "Perceptrons as logic gates: weights, bias, and outputs for all inputs. A perceptron gives 1 where the "
            f"score is at least 0. With weights and biases from −{grid} to {grid} in steps of 1/2, one perceptron "
            f"computes {len(possible)} of the 16 functions of two inputs; never found: {_listed(missing)}."
        ),
        alt=(
            "The four inputs of each gate as points in a plane, with the line on which the score of its perceptron is "
            "0; for XOR two lines, between which it gives 1"
        ),
        data=data,
        table=Table.of(
            data,
            Column("gate", "gate"),
            Column("weights and bias", "weights, bias"),
            *(Column(name, name, "right") for name in ("00", "01", "10", "11")),
            Column("wrong", "wrong outputs", "right"),
        ),
        figure=_figure(),
        facts={
            "wrong": int(data["wrong"].sum()),
            "possible": len(possible),
            "exclusive_or_missing": EXCLUSIVE_OR in missing,
            "decreased": DECREASED.outputs(INPUTS).tolist(),
        },
    )


def computable(grid: int) -> set[Outputs]:
    """Return the outputs for ``INPUTS`` of every perceptron with weights and bias on the grid."""
    steps = np.arange(-2 * grid, 2 * grid + 1) / 2
    units = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    outputs = (units[:, :2] @ INPUTS.T + units[:, 2:] >= 0).astype(np.int64)
    return {tuple(row) for row in np.unique(outputs, axis=0).tolist()}


def _figure() -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 4.1))
        panels = figure.subplots(2, 3, sharex=True, sharey=True)
        for axes, (name, (unit, _)) in zip(panels.flat, GATES.items(), strict=False):
            _draw_gate(axes, f"{name.partition(':')[0]}\n{unit}", [unit], unit.outputs(INPUTS))
        hidden = [GATES[name][0] for name in HIDDEN]
        _draw_gate(panels[1, 2], "XOR: two layers\nOR solid, NAND dashed", hidden, exclusive_or(INPUTS))
        for axes in panels[:, 0]:
            axes.set_ylabel("second input")
        for axes in panels[1]:
            axes.set_xlabel("first input")
        dots = [handle for handle in panels[0, 0].collections if handle.get_label() in ("gives 0", "gives 1")]
        figure.legend(handles=dots, loc="outside upper right", ncols=2, handletextpad=0.1)
    return figure


def _draw_gate(axes: Axes, name: str, units: list[Perceptron], outputs: Bits) -> None:
    """Draw the lines on which the scores of perceptrons are 0, and the inputs with what the gate gives for each."""
    for unit, style in zip(units, LINES, strict=False):
        draw_line(axes, np.array([*unit.weights, unit.bias], dtype=np.float64), color=INK, linestyle=style)
    for value, marker in MARKERS.items():
        chosen = INPUTS[outputs == value]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=60, color=COLOURS[value], marker=marker, zorder=3, label=f"gives {value}"
        )
    axes.set(xlim=(-1.1, 2.1), ylim=(-1.1, 2.1), xticks=(0, 1), yticks=(0, 1), aspect="equal")
    axes.set_title(name, fontsize=8)


def _row(name: str, unit: str, outputs: Bits, wanted: Outputs) -> dict[str, Any]:
    shown = {f"{first}{second}": int(output) for (first, second), output in zip(INPUTS, outputs, strict=True)}
    return {"gate": name, "weights and bias": unit, **shown, "wrong": int((outputs != np.array(wanted)).sum())}


def _listed(functions: list[Outputs]) -> str:
    """Return functions by their outputs for 00, 01, 10 and 11, with the names that two of them have."""
    names = {EXCLUSIVE_OR: "XOR", (1, 0, 0, 1): "its opposite"}
    return ", ".join(names.get(outputs, "".join(map(str, outputs))) for outputs in functions) or "none"
