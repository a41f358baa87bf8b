"""Distributions of trained weights and biases, layer by layer."""

from collections.abc import Mapping, Sequence
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
from rework.settings.ranges import NotNegative

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


@dataclass(frozen=True)
class _Series:
    """Tensors by name that are drawn in one colour; not all of the shown tensors have to be there."""

    key: str
    label: str
    tensors: Mapping[str, NDArray[Any]]

    @property
    def statistics(self) -> dict[str, TensorStatistics]:
        """Statistics of each tensor."""
        return {name: tensor_statistics(values) for name, values in self.tensors.items()}


@needs(runs=(1, 4))
def weight_histograms(
    context: ArtefactContext, *, layers: tuple[str, ...], fresh_deviation: NotNegative = 0.0
) -> Built:
    """Return histograms of the given ``layers`` of the artefact's runs (first seed) on shared axes, with statistics.

    Args:
        context: the artefact.
        layers: the layers.
        fresh_deviation: if above 0, freshly drawn numbers are shown beside the weights, as many as these: of a normal
            distribution around 0 with this standard deviation, cut off at two of them, as TensorFlow starts weights.
    """
    runs = context.settings.runs
    names = [f"{layer}.{kind}" for layer in layers for kind in KINDS]
    series = [
        _Series(run.run, run.label, {name: tensor(context, "layers", run.run, name) for name in names}) for run in runs
    ]
    if fresh_deviation:
        series.append(_fresh(context.random_numbers(), series[0], fresh_deviation))
    statistics = {one.key: one.statistics for one in series}
    edges = {name: _edges([one.tensors[name] for one in series if name in one.tensors]) for name in names}
    histograms = {
        (one.label, name): np.histogram(values, bins=edges[name])[0]
        for one in series
        for name, values in one.tensors.items()
    }
    with plot_style():
        extra = 1 if len(series) > 1 else 0
        figure = Figure(figsize=(FULL_WIDTH, 1.25 * (len(layers) + extra) + 0.4))
        grid = figure.add_gridspec(len(layers) + extra, 2)
        for row, layer in enumerate(layers):
            for column, kind in enumerate(KINDS):
                name = f"{layer}.{kind}"
                axes = figure.add_subplot(grid[row, column])
                found: dict[int, TensorStatistics] = {}
                for position, one in enumerate(series):
                    if name in one.tensors:
                        axes.stairs(histograms[one.label, name], edges[name], color=COLOURS[position], linewidth=1.1)
                        found[position] = statistics[one.key][name]
                _annotate(axes, name, found)
        if extra:
            _sparsity(
                figure.add_subplot(grid[-1, :]),
                layers,
                {one.label: [statistics[one.key][f"{layer}.weight"].small for layer in layers] for one in series},
            )
    return Built(
        caption=(
            "Weights (left) and biases (right) of each layer after training, with their number, their standard "
            f"deviation (sd) and the share below {SMALL:g} in absolute value: {_colours(series)}. Both axes are "
            f"shared; counts are on a logarithmic scale.{_drawn(fresh_deviation)} {first_seeds(runs)}"
        ),
        alt=f"Histograms of weights and biases of the layers {', '.join(layers)}",
        data=pd.concat(
            [
                pd.DataFrame({"from": edges[name][:-1], "to": edges[name][1:], "count": counts})
                for (_, name), counts in histograms.items()
            ],
            keys=list(histograms),
            names=["run", "tensor", None],
        ).reset_index(["run", "tensor"]),
        figure=figure,
        facts={
            "statistics": {run: {name: vars(found) for name, found in by.items()} for run, by in statistics.items()}
        },
    )


def _fresh(generator: np.random.Generator, like: _Series, deviation: float) -> _Series:
    """Return fresh draws in the shapes of a series' weights; biases start with one value and are left out."""
    weights = {name: values.shape for name, values in like.tensors.items() if name.endswith(".weight")}
    return _Series(
        "fresh",
        "fresh draws",
        {name: truncated_normal(generator, shape, deviation) for name, shape in weights.items()},
    )


def truncated_normal(generator: np.random.Generator, shape: tuple[int, ...], deviation: float) -> NDArray[np.float64]:
    """Return numbers of a normal distribution around 0, drawn again as long as they exceed two deviations."""
    found = generator.standard_normal(shape)
    while (outside := np.abs(found) > 2).any():
        found[outside] = generator.standard_normal(int(outside.sum()))
    return deviation * found


def _edges(arrays: list[NDArray[Any]]) -> NDArray[np.float64]:
    """Return the bounds of the bins, symmetric around zero and wide enough for all values."""
    limit = max(float(np.abs(array).max()) for array in arrays) or SMALL
    return np.linspace(-limit, limit, BINS + 1)


def _annotate(axes: Axes, name: str, found: Mapping[int, TensorStatistics]) -> None:
    axes.set_yscale("symlog", linthresh=1)
    axes.set_title(f"{name}, {next(iter(found.values())).count:,} values".replace(",", " "), fontsize=7.5)
    for position, statistics in found.items():
        axes.text(
            *(0.99, 0.95 - 0.17 * position),
            f"sd {statistics.deviation:.3g}, {100 * statistics.small:.1f} % small",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=6.5,
            color=COLOURS[position],
        )
    # Room for the lines of text, on a logarithmic scale.
    axes.set_ylim(bottom=0, top=20 ** max(1, len(found) - 1) * axes.get_ylim()[1])
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
    axes.legend(fontsize=7, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, ncols=len(shares))


def _drawn(deviation: float) -> str:
    """Return a sentence on fresh draws, if there are any."""
    if not deviation:
        return ""
    return (
        f" Fresh draws are of a normal distribution with deviation {deviation:g}, cut off at "
        f"{2 * deviation:g}, and as many as the weights."
    )


def _colours(series: Sequence[_Series]) -> str:
    names = ("blue", "red-orange", "green", "pink", "orange")
    return ", ".join(f"{one.label} in {name}" for one, name in zip(series, names, strict=False))
