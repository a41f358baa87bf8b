"""Pictures that style transfer made, side by side (4.3 and 4.4): from several settings, or of several pairs."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.drawing.transfers import LossCurve, picture_table
from rework.messages import plural
from rework.models.style_layers import STYLE_LAYERS
from rework.settings.artefact import RunReference

METRICS = {"style_distance": "distance from the style", "content_distance": "distance from the content"}
LOSSES = {"content_loss": "content loss", "style_loss": "style loss"}
DISTANCES = (
    "The distance from the style: in each style layer, the style loss divided by that of the content picture, then the "
    "mean of the five; 0 is the style's own, 1 as far from it as the content picture. The distance from the content: "
    "the content loss divided by that of the style picture."
)


@measures("style_distance", "content_distance")
@needs(runs=(1, ...), trained="style-transfer", keys=("task.alpha", "task.beta"))
def stylised_pictures(context: ArtefactContext, *, curves: bool = True, layers: bool = False) -> Built:
    """Return content, style and result of the artefact's runs, a row for each pair, with their losses and distances.

    Args:
        context: the artefact.
        curves: whether to draw the losses of the first pair over the updates.
        layers: whether the table has the distance from the style in each layer.
    """
    runs = context.settings.runs
    several = len(runs) > 1
    seeds = sorted({seed for run in runs for seed in run.seeds})
    rows = []
    for seed in seeds:
        of_seed = [run for run in runs if seed in run.seeds]
        kept = {run.run: context.predictions(run.run, seed) for run in of_seed}
        first = kept[of_seed[0].run]
        shown = [("content", first["content"]), ("style", first["style"])]
        shown += [(run.label if several else "result", kept[run.run]["picture"]) for run in of_seed]
        rows.append(shown)
    found = distances(context, layers)
    height, width = rows[0][0][1].shape[:2]
    lengths = " or ".join(dict.fromkeys(f"{_updates(context, run):,}" for run in runs))
    caption = (
        f"Content, style and what {lengths} updates by {_optimiser(context, runs[0])} made of them, {width} × {height} "
        f"pixels{', a row for each pair' if len(seeds) > 1 else ''}."
    )
    if curves:
        caption += (
            f" Below, both losses{' of the first pair' if len(seeds) > 1 else ''} without α and β{_differing(context)}."
        )
    means = " The table has means over the pairs." if len(seeds) > 1 else ""
    return Built(
        caption=f"{caption} {DISTANCES}{means}",
        alt="Pictures side by side: a photograph, a painting, and the photograph in the manner of the painting",
        data=_long_form(context),
        values=found.values,
        table=found.table,
        figure=picture_table(rows, [_curve(context, run) for run in runs] if curves else [], list(LOSSES.values())),
        facts=found.facts,
    )


@measures("style_distance", "content_distance")
@needs(runs=(1, ...), trained="style-transfer", keys=("task.alpha", "task.beta"))
def style_start(context: ArtefactContext) -> Built:
    """Return how far from content and style the pictures of the artefact's runs end, and their losses."""
    found = distances(context, False, losses=True)
    return Built(
        caption=f"Where pictures end that start differently, and with other numbers of updates and α/β. {DISTANCES}",
        data=_long_form(context),
        values=found.values,
        table=found.table,
        facts=found.facts,
    )


def distances(context: ArtefactContext, layers: bool, losses: bool = False) -> Built:
    """Return the distances of the artefact's runs as values, a table and facts; nothing is drawn."""
    rows: list[dict[str, Any]] = []
    values: list[Measured] = []
    for run in context.settings.runs:
        row: dict[str, Any] = {"run": run.label, "updates": _updates(context, run), **_weights(context, run)}
        for metric, words in METRICS.items():
            found = context.estimate(run.run, metric)
            values.append(Measured(run.run, metric, f"{run.label}, {words}", found, run.seeds))
            row[metric] = found.mean
        if losses:
            row |= {name: context.estimate(run.run, name).mean for name in LOSSES}
        if layers:
            stored = [context.predictions(run.run, seed)["style_distances"] for seed in run.seeds]
            row |= dict(zip(STYLE_LAYERS, np.mean(stored, axis=0).tolist(), strict=True))
        rows.append(row)
    columns = [Column("run", "picture"), Column("ratio", "α/β", "right"), Column("updates", "updates", "right")]
    columns += [Column(name, words, "right", decimals=3) for name, words in METRICS.items()]
    columns += [Column(name, words, "right", decimals=2) for name, words in LOSSES.items() if losses]
    columns += [Column(name, name, "right", decimals=3) for name in STYLE_LAYERS if layers]
    style, content = (_by_pair(context, metric) for metric in METRICS)
    return Built(
        caption="",
        data=pd.DataFrame(rows),
        values=tuple(values),
        table=Table.of(pd.DataFrame(rows), *columns),
        facts={
            **{
                name: {run.run: row[name] for run, row in zip(context.settings.runs, rows, strict=True)}
                for name in METRICS
            },
            "pairs": plural(len(_shared(context)), "pair"),
            "in_order": sum(all(before > after for before, after in pairwise(found)) for found in style),
            "ends_nearer": sum(found[-1] < found[0] for found in style),
            "ends_farther": sum(found[-1] > found[0] for found in content),
        },
    )


def _differing(context: ArtefactContext) -> str:
    """Return why the curves of some runs measure other things, for the caption."""
    settings = [_settings(context, run) for run in context.settings.runs]
    if len({str(found["model"]["parameters"].get("content")) for found in settings}) > 1:
        return "; content losses of different layers cannot be compared"
    if len({str(found["task"]["parameters"].get("weights")) for found in settings}) > 1:
        return "; the style loss is with the weights of the layers, so those of different weights cannot be compared"
    return ""


def _by_pair(context: ArtefactContext, metric: str) -> list[list[float]]:
    """Return a distance of every run, in their order, for each pair that all runs have."""
    return [
        [float(context.metrics(run.run, seed)["metrics"][metric]["value"]) for run in context.settings.runs]
        for seed in _shared(context)
    ]


def _shared(context: ArtefactContext) -> set[int]:
    return set.intersection(*(set(run.seeds) for run in context.settings.runs))


def _curve(context: ArtefactContext, run: RunReference) -> LossCurve:
    history = context.history(run.run, run.seeds[0])
    losses = tuple(history[name].to_numpy(np.float64) for name in LOSSES)
    return LossCurve(run.label, history["steps"].to_numpy(np.float64), losses)


def _long_form(context: ArtefactContext) -> pd.DataFrame:
    """Return the losses of all runs after each epoch."""
    histories = context.histories(*context.settings.runs)
    return histories[["run", "seed", "steps", "total_loss", *LOSSES]]


def _settings(context: ArtefactContext, run: RunReference) -> Any:
    return context.provenance(run.run, run.seeds[0])["settings"]


def _updates(context: ArtefactContext, run: RunReference) -> int:
    return int(context.provenance(run.run, run.seeds[0])["steps"])


def _weights(context: ArtefactContext, run: RunReference) -> dict[str, str]:
    """Return the ratio of alpha to beta as text, as in 1:10,000."""
    task = _settings(context, run)["task"]["parameters"]
    return {"ratio": f"{task['alpha']:,g}:{task['beta']:,.0f}"}


def _optimiser(context: ArtefactContext, run: RunReference) -> str:
    names = {"adam": "Adam", "lbfgs": "L-BFGS", "sgd": "gradient descent"}
    optimiser = _settings(context, run)["optimiser"]
    return f"{names[optimiser['name']]} at the rate {optimiser['learning_rate']:g}"
