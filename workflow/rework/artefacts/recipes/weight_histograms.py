"""Distributions of trained weights and biases, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.named_things import tensor
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.artefacts.sentences import first_seeds
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style

SMALL = 1e-3
BINS = 60
KINDS = ("weight", "bias")


@dataclass(frozen=True)
class TensorStatistics:
    """Number of elements, mean, standard deviation, and the share below ``SMALL`` in absolute value."""

    count: int
    mean: float
    deviation: float
    small: float


def tensor_statistics(values: NDArray[np.floating[Any]]) -> TensorStatistics:
    """Return the statistics of all elements of a tensor, computed in float64."""
    flat = values.astype(np.float64).ravel()
    return TensorStatistics(len(flat), float(flat.mean()), float(flat.std()), float((np.abs(flat) < SMALL).mean()))


@needs(runs=(1, 4))
def weight_histograms(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Return histograms of the given ``layers`` of the artefact's runs (first seed) on shared axes, with statistics."""
    runs = context.settings.runs
    names = [f"{layer}.{kind}" for layer in layers for kind in KINDS]
    tensors = {run.run: {name: tensor(context, "layers", run.run, name) for name in names} for run in runs}
    statistics = {run.run: {name: tensor_statistics(tensors[run.run][name]) for name in names} for run in runs}
    edges = {name: _edges([tensors[run.run][name] for run in runs]) for name in names}
    histograms = {
        (run.run, name): np.histogram(tensors[run.run][name], bins=edges[name])[0] for run in runs for name in names
    }
    with plot_style():
        extra = 1 if len(runs) > 1 else 0
        figure = Figure(figsize=(FULL_WIDTH, 1.25 * (len(layers) + extra) + 0.4))
        grid = figure.add_gridspec(len(layers) + extra, 2)
        for row, layer in enumerate(layers):
            for column, kind in enumerate(KINDS):
                name = f"{layer}.{kind}"
                axes = figure.add_subplot(grid[row, column])
                for position, run in enumerate(runs):
                    axes.stairs(histograms[run.run, name], edges[name], color=COLOURS[position], linewidth=1.1)
                _annotate(axes, name, [statistics[run.run][name] for run in runs])
        if extra:
            _sparsity(
                figure.add_subplot(grid[-1, :]),
                layers,
                {run.label: [statistics[run.run][f"{layer}.weight"].small for layer in layers] for run in runs},
            )
    return Built(
        caption=(
            "Weights (left) and biases (right) of each layer after training, with their number, their standard "
            f"deviation (sd) and the share below {SMALL:g} in absolute value: {_colours(context)}. Both axes are "
            f"shared by the runs; counts are on a logarithmic scale. {first_seeds(runs)}"
        ),
        alt=f"Histograms of weights and biases of the layers {', '.join(layers)}",
        data=pd.concat(
            [
                pd.DataFrame({"from": edges[name][:-1], "to": edges[name][1:], "count": histograms[run.run, name]})
                for run in runs
                for name in names
            ],
            keys=[(run.label, name) for run in runs for name in names],
            names=["run", "tensor", None],
        ).reset_index(["run", "tensor"]),
        figure=figure,
        facts={
            "statistics": {run: {name: vars(found) for name, found in by.items()} for run, by in statistics.items()}
        },
    )


def _edges(arrays: list[NDArray[Any]]) -> NDArray[np.float64]:
    """Return the bounds of the bins, symmetric around zero and wide enough for all values."""
    limit = max(float(np.abs(array).max()) for array in arrays) or SMALL
    return np.linspace(-limit, limit, BINS + 1)


def _annotate(axes: Axes, name: str, found: list[TensorStatistics]) -> None:
    axes.set_yscale("symlog", linthresh=1)
    axes.set_title(f"{name}, {found[0].count:,} values".replace(",", " "), fontsize=7.5)
    for position, statistics in enumerate(found):
        axes.text(
            *(0.99, 0.95 - 0.17 * position),
            f"sd {statistics.deviation:.3g}, {100 * statistics.small:.1f} % small",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=6.5,
            color=COLOURS[position],
        )
    axes.set_ylim(bottom=0, top=20 * axes.get_ylim()[1])
    axes.set_ylabel("count", fontsize=7)
    axes.tick_params(labelsize=6.5)
    axes.locator_params(axis="x", nbins=5)
    axes.set_yticks([tick for tick in (1, 100, 10_000, 1_000_000) if tick < axes.get_ylim()[1]])


def _sparsity(axes: Axes, layers: Sequence[str], shares: dict[str, list[float]]) -> None:
    """Draw the share of small weights of each layer as bars, one colour for each run."""
    width = 0.8 / len(shares)
    for position, (label, values) in enumerate(shares.items()):
        places = np.arange(len(layers)) + position * width
        bars = axes.bar(places, values, width, color=COLOURS[position], label=label, linewidth=0)
        axes.bar_label(bars, [f"{100 * value:.1f} %" for value in values], fontsize=6.5, padding=1)
    axes.set_xticks(np.arange(len(layers)) + width * (len(shares) - 1) / 2, layers)
    axes.set_ylabel("small weights", fontsize=7)
    axes.set_ylim(0, 1.25 * max(max(values) for values in shares.values()) + 0.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.tick_params(labelsize=7)
    axes.set_title(f"share of weights below {SMALL:g} in absolute value", fontsize=7.5)
    axes.legend(fontsize=7, loc="upper left", ncols=2)


def _colours(context: ArtefactContext) -> str:
    names = ("blue", "red-orange", "green", "pink")
    return ", ".join(f"{run.label} in {name}" for run, name in zip(context.settings.runs, names, strict=False))
