"""The notes' CNN for CIFAR-10 (section 3.6): its layers by formula and as measured, and what it reaches."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.reloaded import reloaded
from rework.artefacts.layer_sizes import Window, window_of
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.artefacts.sentences import seeds
from rework.settings.artefact import RunReference
from rework.settings.ranges import Side

COUNTS = ("width", "kernel", "stride", "padding", "formula_size", "measured_size", "parameters")


@measures("test_accuracy", "test_loss", output_size=("stride-1", "stride-2"))
@needs(runs=1, trained="classification", keys="keep", models=1)
def notes_cnn(context: ArtefactContext, *, size: Side, kernel: Side) -> Built:
    """Return the layers of the artefact's model, the worked example, and the test accuracy of its run.

    Args:
        context: the artefact.
        size: width of the worked example's input, which is not padded.
        kernel: width of its filter.
    """
    run = context.settings.runs[0]
    examples = {f"stride-{stride}": Window(kernel, stride, 0) for stride in (1, 2)}
    rows = [_worked(name, window, size) for name, window in examples.items()]
    rows += _layers(context.model(context.settings.models[0])["layers"])
    data = pd.DataFrame(rows).astype(dict.fromkeys(COUNTS, "Int64"))
    kept = [context.metrics(run.run, seed)["kept_epoch"] for seed in run.seeds]
    stored = reloaded(context, run)
    compared = data.dropna(subset=["formula_size"])
    agree = int((compared["formula_size"] == compared["measured_size"]).sum())
    return Built(
        caption=(
            f"Widths of outputs by the formula (W − F + 2P)/S + 1, rounded down, and as measured: of {len(examples)} "
            "worked examples, by counting the places of the filter, and of the layers, by passing a picture through "
            f"the network. {agree} of {len(compared)} agree. Trained for {run.length} with {seeds(run)}; the weights "
            f"of the least validation loss, which are tested, are those of epoch {_listed(kept)}."
        ),
        data=data,
        values=(*_sizes(rows), *_reached(context, run)),
        table=Table.of(
            data,
            Column("layer", "layer"),
            Column("width", "W", "right"),
            Column("kernel", "F", "right"),
            Column("padding", "P", "right"),
            Column("stride", "S", "right"),
            Column("formula_size", "by formula", "right"),
            Column("measured_size", "measured", "right"),
            Column("output", "output", "right"),
            Column("parameters", "parameters", "right"),
        ),
        facts={
            "agree": agree,
            "compared": len(compared),
            "parameters": int(data["parameters"].sum()),
            "kept_epochs": kept,
            "epochs": run.epochs,
            "reloaded": vars(stored),
            "test_accuracy": context.estimate(run.run, "test_accuracy").mean,
        },
    )


def _worked(name: str, window: Window, size: int) -> dict[str, Any]:
    """Return the row of a worked example; the places of the filter along a side are counted."""
    places = sliding_window_view(np.zeros(size), window.kernel)[:: window.stride]
    return {
        "key": name,
        "layer": f"worked example, stride {window.stride}",
        "width": size,
        **vars(window),
        "formula_size": window.output_size(size),
        "measured_size": len(places),
        "output": "",
        "parameters": None,
    }


def _layers(layers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the layers that change the shape; one that is used several times has a row for each use."""
    rows: list[dict[str, Any]] = []
    for layer in layers:
        before, after = layer["input_shape"], layer["output_shape"]
        if before == after and not layer["parameters"]:
            continue
        row = {"key": "", "layer": layer["name"], "output": _shape(after), "parameters": layer["parameters"]}
        if len(after) == 3:
            window = window_of(layer)
            sizes = {"formula_size": window.output_size(before[2]), "measured_size": after[2]}
            row |= {"width": before[2], **vars(window), **sizes}
        rows.append(row)
    return rows


def _shape(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))


def _sizes(rows: Sequence[Mapping[str, Any]]) -> list[Measured]:
    """Return the widths of the worked examples, as measured."""
    return [
        Measured(row["key"], "output_size", f"width of the {row['layer']}", exact(row["measured_size"]))
        for row in rows
        if row["key"]
    ]


def _reached(context: ArtefactContext, run: RunReference) -> list[Measured]:
    return [
        Measured(run.run, metric, metric.replace("_", " "), context.estimate(run.run, metric), run.seeds, unit)
        for metric, unit in (("test_accuracy", "%"), ("test_loss", "nats"))
    ]


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers as text, as in "28, 27 and 30"."""
    *others, last = map(str, numbers)
    return f"{', '.join(others)} and {last}" if others else last
