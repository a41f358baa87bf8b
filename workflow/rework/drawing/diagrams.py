"""Layer diagrams drawn from the description of a module: a block per layer, as high and thick as its output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style


@dataclass(frozen=True)
class Block:
    """One box of a diagram: its name, the layer that made it, and the shape of what it holds."""

    name: str
    detail: str
    shape: tuple[int, ...]
    parameters: int


def blocks_of(description: Mapping[str, Any], names: Mapping[str, str]) -> list[Block]:
    """Return the input and the layers that are named in ``names`` (layer to words), in the order of the module."""
    blocks = [Block("input", "", tuple(description["input_shape"]), 0)]
    for layer in description["layers"]:
        if layer["name"] in names:
            shape = tuple(layer["output_shape"])
            blocks.append(Block(names[layer["name"]], layer["detail"], shape, layer["parameters"]))
    return blocks


def size_text(shape: Sequence[int]) -> str:
    """Return a shape as width x height x channels, or as a number of units."""
    if len(shape) == 3:
        return f"{shape[2]} × {shape[1]} × {shape[0]}"
    return f"{shape[0]} units"


def layer_diagram(blocks: Sequence[Block]) -> Figure:
    """Return the diagram of a network, from left to right."""
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.6))
        axes = figure.subplots()
        largest = max(_height(block.shape) for block in blocks)
        for position, block in enumerate(blocks):
            _draw_block(axes, block, 3.0 * position, 2.6 / largest, COLOURS[position % len(COLOURS)])
            if position:
                _draw_arrow(axes, block, 3.0 * position)
        axes.set_xlim(-1.2, 3.0 * (len(blocks) - 1) + 1.3)
        axes.set_ylim(-2.35, 2.1)
        axes.set_axis_off()
    return figure


def _height(shape: Sequence[int]) -> float:
    """Return how high a block is before scaling: pixels for pictures, a slow measure for vectors."""
    return float(shape[1]) if len(shape) == 3 else 4 * log2(1 + shape[0]) / 2


def _draw_block(axes: Axes, block: Block, left: float, scale: float, colour: str) -> None:
    height = _height(block.shape) * scale
    depth = 0.12 + 0.05 * block.shape[0] if len(block.shape) == 3 else 0.18
    shift = 0.28 * height if len(block.shape) == 3 else 0.0
    bottom = -height / 2
    front = [(left, bottom), (left + depth, bottom), (left + depth, bottom + height), (left, bottom + height)]
    top = [
        front[3],
        front[2],
        (left + depth + shift, bottom + height + shift / 2),
        (left + shift, bottom + height + shift / 2),
    ]
    side = [front[1], (left + depth + shift, bottom + shift / 2), top[2], front[2]]
    for corners, alpha in ((front, 0.55), (top, 0.35), (side, 0.2)):
        if shift or corners is front:
            axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=INK, linewidth=0.7, alpha=alpha))
    axes.text(left + depth / 2, -1.62, block.name, ha="center", va="top", weight=600, fontsize=8.5)
    axes.text(left + depth / 2, -1.9, size_text(block.shape), ha="center", va="top", fontsize=8)
    if block.parameters:
        axes.text(
            left + depth / 2,
            -2.15,
            f"{block.parameters:,} parameters".replace(",", " "),
            ha="center",
            va="top",
            fontsize=8,
        )


def _draw_arrow(axes: Axes, block: Block, left: float) -> None:
    axes.annotate(
        "", (left - 0.25, 0), (left - 1.15, 0), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.9}
    )
    axes.text(left - 0.7, 0.12, block.detail.replace(", ", "\n"), ha="center", va="bottom", fontsize=7.5)
