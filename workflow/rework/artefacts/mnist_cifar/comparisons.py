"""Tables comparing training runs on MNIST and CIFAR-10, beyond the writeup: generalisation and number formats."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import limits
from rework.evaluation.statistics import Estimate, estimate
from rework.settings.artefact import RunReference


@measures("train_accuracy", "met_accuracy")
@needs(
    runs=(1, ...),
    keys="probe",
    metrics=("train_accuracy", "test_accuracy", "generalisation_gap", "small_weights_share"),
    probes="met_accuracy",
)
def generalisation_gap(context: ArtefactContext) -> Built:
    """Return accuracies on the training and test splits and their difference, for every run.

    Beside them stands the accuracy on the training pictures of the last probe as they were met.
    """
    rows: list[dict[str, Any]] = []
    values: list[Measured] = []
    for run in context.settings.runs:
        found = {
            name: context.estimate(run.run, name)
            for name in ("train_accuracy", "test_accuracy", "generalisation_gap", "small_weights_share")
        }
        label = f"{run.label}, accuracy on the training split"
        values.append(Measured(run.run, "train_accuracy", label, found["train_accuracy"], run.seeds, "%"))
        met = _last_met(context, run)
        if met is not None:
            label = f"{run.label}, accuracy on the last training pictures as they were met"
            values.append(Measured(run.run, "met_accuracy", label, met, run.seeds, "%"))
        gap, small = found["generalisation_gap"], found["small_weights_share"]
        interval = limits(gap, unit="")
        rows.append(
            {
                "run": run.label,
                "met_accuracy": None if met is None else met.mean,
                "train_accuracy": found["train_accuracy"].mean,
                "test_accuracy": found["test_accuracy"].mean,
                "generalisation_gap": gap.mean,
                "interval": interval,
                "small_weights_share": small.mean,
                "seeds": len(run.seeds),
            }
        )
    data = pd.DataFrame(rows)
    unmeasured = (
        " Trainings by an older version of the code did not measure the first."
        if any(row["met_accuracy"] is None for row in rows)
        else ""
    )
    return Built(
        caption=(
            "Accuracy on the training pictures of the last probe as they were met, changed at random and with "
            "dropout; then, without either, on the training split and on the test set, with their difference, the "
            f"generalisation gap; means over seeds.{unmeasured}"
        ),
        data=data,
        values=tuple(values),
        table=Table.of(
            data,
            Column("run", "run"),
            Column("met_accuracy", "as met", "right", "%", 2),
            Column("train_accuracy", "training split", "right", "%", 2),
            Column("test_accuracy", "test set", "right", "%", 2),
            Column("generalisation_gap", "gap", "right", "%", 2),
            Column("interval", "90 % interval of the gap, points", "right"),
            Column("small_weights_share", "weights below 0.001", "right", "%", 1),
            Column("seeds", "seeds", "right"),
        ),
        facts={
            "gaps": {run.run: row["generalisation_gap"] for run, row in zip(context.settings.runs, rows, strict=True)}
        },
    )


def _last_met(context: ArtefactContext, run: RunReference) -> Estimate | None:
    """Return the accuracy before the last probe; None for trainings by older code, which did not measure it."""
    last = [context.probes(run.run, seed).get("met_accuracy") for seed in run.seeds]
    if any(column is None for column in last):
        return None
    return estimate([float(column.iloc[-1]) for column in last if column is not None], share=True)


@needs(runs=2, trained="classification")
def precision(context: ArtefactContext) -> Built:
    """Return test accuracies of the same network trained in two number formats."""
    rows: list[dict[str, Any]] = []
    bounds: list[tuple[float, float]] = []
    for run in context.settings.runs:
        found = context.estimate(run.run, "test_accuracy")
        formats = {context.provenance(run.run, seed)["precision"] for seed in run.seeds}
        bounds.append((found.low, found.high))
        rows.append(
            {
                "run": run.label,
                "format": " and ".join(sorted(formats)),
                "accuracy": found.mean,
                "interval": limits(found),
                "seeds": len(run.seeds),
            }
        )
    overlap = bounds[0][0] <= bounds[1][1] and bounds[1][0] <= bounds[0][1]
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            "The plain CIFAR-10 network, trained with the number format that is chosen by rule and in single "
            f"precision. The intervals {'overlap' if overlap else 'do not overlap'}."
        ),
        data=data,
        table=Table.of(
            data,
            Column("run", "run"),
            Column("format", "number format of the forward pass"),
            Column("accuracy", "test accuracy", "right", "%", 2),
            Column("interval", "90 % interval", "right"),
            Column("seeds", "seeds", "right"),
        ),
        facts={"overlap": overlap, "same_format": rows[0]["format"] == rows[1]["format"]},
    )
