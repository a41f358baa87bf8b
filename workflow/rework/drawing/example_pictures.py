"""Figures of single pictures with class probabilities and activation maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.drawing.picture_grids import bare, enlarged, tile
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style

RIGHT, WRONG, OTHER = COLOURS[2], COLOURS[1], "#b8c0c8"


@dataclass(frozen=True)
class Example:
    """A picture (bytes C x H x W), the class that was read and the right one, probabilities, and maps by layer."""

    pixels: NDArray[np.uint8]
    title: str
    read: int
    truth: int
    probabilities: NDArray[np.float64]
    maps: Mapping[str, NDArray[np.float64]]


def example_rows(examples: Sequence[Example], classes: Sequence[str]) -> Figure:
    """Return a row per example: the picture, its probabilities as bars with numbers, and its maps by layer."""
    layers = list(examples[0].maps)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 0.98 * len(examples) + 0.1))
        grid = figure.subplots(len(examples), 2 + len(layers), squeeze=False, width_ratios=(1, 1.5, 1.6, 1.6))
        for row, example in zip(grid, examples, strict=True):
            draw_picture(row[0], example.pixels)
            row[0].set_title(example.title, fontsize=6.5)
            _draw_bars(row[1], example, classes)
            for axes, layer in zip(row[2:], layers, strict=True):
                _draw_maps(axes, example.maps[layer])
                axes.set_title(layer, fontsize=6.5)
    return figure


def draw_picture(axes: Axes, pixels: NDArray[np.uint8], times: int = 4) -> None:
    """Draw a grey or colour picture, bytes C x H x W, without anything around it."""
    shown = pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)
    large = np.repeat(np.repeat(shown, times, axis=0), times, axis=1)
    axes.imshow(large, cmap="gray", vmin=0, vmax=255, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    bare(axes)


def titled_pictures(pictures: Sequence[NDArray[np.uint8]], titles: Sequence[str], columns: int) -> Figure:
    """Return a grid of pictures (bytes C x H x W), each under its title."""
    rows = max(1, -(-len(pictures) // columns))
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 1.25 * rows))
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, pixels, title in zip(grid.flat, pictures, titles, strict=False):
            draw_picture(axes, pixels)
            axes.set_title(title, fontsize=6.5, loc="center")
    return figure


def _draw_bars(axes: Axes, example: Example, classes: Sequence[str]) -> None:
    places = np.arange(len(classes))
    colours = [RIGHT if number == example.truth else WRONG if number == example.read else OTHER for number in places]
    axes.barh(places, example.probabilities, color=colours, height=0.8, linewidth=0)
    for number, value in enumerate(example.probabilities):
        axes.text(1.02, number, _short(value), fontsize=4.8, va="center", color=INK)
    axes.set_yticks(places, classes)
    axes.tick_params(labelsize=4.8, length=0, pad=1)
    axes.set_ylim(len(classes) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
    axes.set_title(f"read as {classes[example.read]}", fontsize=6.5)


def _short(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else f"{value:.0e}".replace("e-0", "e-")


def _draw_maps(axes: Axes, maps: NDArray[np.float64]) -> None:
    columns = int(np.ceil(np.sqrt(2 * len(maps))))
    low, high = (reduced(axis=(1, 2), keepdims=True) for reduced in (maps.min, maps.max))
    scaled = (maps - low) / np.where(high > low, high - low, 1.0)
    axes.imshow(enlarged(tile(scaled, columns), 2), cmap="gray", vmin=0, vmax=1, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    bare(axes)
