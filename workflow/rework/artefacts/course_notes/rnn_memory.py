"""How far back recurrent cells remember (5.2 and 5.3): their accuracy at each distance."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style
from rework.messages import sentence_case


@needs(runs=(1, ...), trained="recall", same_data=True)
def rnn_memory(context: ArtefactContext) -> Built:
    """Return the accuracy of all runs at each distance of the mark, a panel for each."""
    runs = context.settings.runs
    shares: dict[str, NDArray[np.float64]] = {}
    parts = []
    for run in runs:
        found = [context.predictions(run.run, seed) for seed in run.seeds]
        shares[run.label] = np.stack([one["right"] / one["shown"] for one in found])
        parts += [
            pd.DataFrame({"run": run.label, "seed": seed, "distance": np.arange(1, len(one["right"]) + 1), **one})
            for seed, one in zip(run.seeds, found, strict=True)
        ]
    data = pd.concat(parts, ignore_index=True)
    symbols = len(context.dataset_info(runs[0].dataset)["classes"])
    length = int(data["distance"].max())
    ends = max(1, length // 4)
    near, far = slice(0, ends), slice(-ends, None)
    return Built(
        caption=(
            "Share of right answers by how many symbols back the marked one is, 1 for the last: one thin line for each "
            f"seed ({int(data['shown'].iloc[0])} sequences at each distance), and their mean. Dotted: chance, 1 in "
            f"{symbols}."
        ),
        alt="Line plots of accuracy against the distance of the marked symbol, a panel for each recurrent cell",
        data=data,
        figure=_figure(shares, 1 / symbols),
        facts={
            "length": length,
            "symbols": symbols,
            "near": {run.run: float(shares[run.label][:, near].mean()) for run in runs},
            "far": {run.run: float(shares[run.label][:, far].mean()) for run in runs},
            "ends": ends,
        },
    )


def _figure(shares: Mapping[str, NDArray[np.float64]], chance: float) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.3))
        all_axes = figure.subplots(1, len(shares), sharey=True, squeeze=False)[0]
        for axes, colour, (label, by_seed) in zip(all_axes, COLOURS, shares.items(), strict=False):
            distances = np.arange(1, by_seed.shape[1] + 1)
            axes.plot(distances, by_seed.T, color=colour, linewidth=0.6, alpha=0.55)
            axes.plot(distances, by_seed.mean(axis=0), color=colour, linewidth=2)
            axes.axhline(chance, color=INK, linestyle=":", linewidth=1.2)
            axes.set_ylim(0, 1.03)
            axes.set_title(sentence_case(label))
            axes.set_xlabel("symbols back")
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        all_axes[0].set_ylabel("right answers")
    return figure
