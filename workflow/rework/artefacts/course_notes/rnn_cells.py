"""Recurrent cells (5.2 and 5.3): their gates, their parameters, and what they reach on one task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.quantities import Metric
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.artefacts.sentences import limits, mean_of_seeds
from rework.settings.artefact import RunReference

METRICS = ("test_loss", "test_accuracy", "test_reach")
CELL = "cell."  # the tensors of a network that belong to its cell


@dataclass(frozen=True)
class CellFacts:
    """What a cell is made of.

    Attributes:
        gates: their names in the notes, or torch's where the notes have none.
        maps: how many linear maps of event and short-term memory it has.
        peepholes: how many of its gates see the long-term memory.
    """

    gates: str
    maps: int
    peepholes: int = 0

    @property
    def formula(self) -> str:
        """The number of its parameters in words, with n numbers in an event and h units."""
        maps = f"{self.maps}h(n + h + 2)" if self.maps > 1 else "h(n + h + 2)"
        return f"{maps} + {self.peepholes}h" if self.peepholes else maps

    def parameters(self, inputs: int, hidden: int) -> int:
        """Return what the formula gives; as in torch, each map has two biases.

        >>> CellFacts("", maps=4).parameters(inputs=3, hidden=5)
        200
        """
        return self.maps * hidden * (inputs + hidden + 2) + self.peepholes * hidden


CELLS: Mapping[str, CellFacts] = {
    "rnn": CellFacts("none", maps=1),
    "lstm": CellFacts("forget, learn, remember, use", maps=4),
    "gru": CellFacts("update (forget and learn in one), reset", maps=3),
    "peephole": CellFacts("forget, learn, remember, use; three see the long-term memory", maps=4, peepholes=3),
}


@measures("test_loss", "test_accuracy", "test_reach", "cell_parameters")
@needs(runs=(1, ...), trained="recall", same_data=True)
def rnn_cells(context: ArtefactContext) -> Built:
    """Return the gates and parameters of the cells of all runs, and what each reached on one task."""
    runs = context.settings.runs
    rows = [_row(context, run) for run in runs]
    data = pd.DataFrame(rows)
    settings = context.provenance(runs[0].run, runs[0].seeds[0])["settings"]
    length = len(context.predictions(runs[0].run, runs[0].seeds[0])["right"])
    values = [_measured(context, run, metric) for run in runs for metric in map(Metric.of, METRICS)]
    values += [
        Measured(run.run, "cell_parameters", f"{run.label}, parameters", exact(row["counted"]))
        for run, row in zip(runs, rows, strict=True)
    ]
    return Built(
        caption=(
            "One task for all cells: read symbols, of which one is marked, and name that one at the end. Parameters of "
            f"the cell alone, with {rows[0]['inputs']} inputs (n) and {rows[0]['hidden']} units (h), by the formula "
            "and as counted in the trained network. Loss, accuracy with its 90 % t-interval, and reach: "
            f"{mean_of_seeds(runs)}, {runs[0].length} in batches of {settings['batch_size']}. The reach is the "
            f"greatest distance of the mark up to which at least half of the answers are right, of {length} at most."
        ),
        data=data,
        values=tuple(values),
        table=Table.of(
            data,
            Column("label", "cell"),
            Column("gates", "gates"),
            Column("formula", "parameters", "right"),
            Column("computed", "computed", "right"),
            Column("counted", "counted", "right"),
            Column("loss", "test loss", "right", "nats", 3),
            Column("accuracy", "test accuracy", "right", "%", 1),
            Column("interval", "interval", "right"),
            Column("reach", "reach", "right", "symbols", 1),
        ),
        facts={
            "equal": bool((data["computed"] == data["counted"]).all()),
            "accuracy": dict(zip(data["run"], data["accuracy"], strict=True)),
            "reach": dict(zip(data["run"], data["reach"], strict=True)),
        },
    )


def _row(context: ArtefactContext, run: RunReference) -> dict[str, Any]:
    seed = run.seeds[0]
    settings = context.provenance(run.run, seed)["settings"]
    facts = CELLS[settings["model"]["parameters"]["cell"]]
    tensors = context.weights(run.run, seed)
    inputs, hidden = _sizes(tensors)
    loss, accuracy, reach = (context.estimate(run.run, metric) for metric in METRICS)
    return {
        "run": run.run,
        "label": run.label,
        "gates": facts.gates,
        "formula": facts.formula,
        "inputs": inputs,
        "hidden": hidden,
        "computed": facts.parameters(inputs, hidden),
        "counted": sum(tensor.size for name, tensor in tensors.items() if name.startswith(CELL)),
        "loss": loss.mean,
        "accuracy": accuracy.mean,
        "interval": limits(accuracy),
        "reach": reach.mean,
    }


def _sizes(tensors: Mapping[str, NDArray[Any]]) -> tuple[int, int]:
    """Return how many numbers an event has, and how many units the cell."""
    inputs = next(tensor.shape[1] for name, tensor in tensors.items() if name.startswith(f"{CELL}weight_ih"))
    hidden = next(tensor.shape[1] for name, tensor in tensors.items() if name.startswith(f"{CELL}weight_hh"))
    return inputs, hidden


def _measured(context: ArtefactContext, run: RunReference, metric: Metric) -> Measured:
    found = context.estimate(run.run, metric.name)
    return Measured(run.run, metric.name, f"{run.label}, {metric.words}", found, run.seeds, metric.quantity.unit)
