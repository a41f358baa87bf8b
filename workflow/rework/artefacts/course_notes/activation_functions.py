"""Activation functions with their derivatives, and how fast the same network trains with each (1.4)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.artefacts.sentences import mean_of_seeds
from rework.drawing.curves import Curve, draw_curve
from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, plot_style
from rework.evaluation.statistics import Estimate, estimate
from rework.numpy_network.activations import ACTIVATIONS
from rework.settings.ranges import Count, TwoOrMore

Floats = NDArray[np.float64]
NAMES = ("sigmoid", "tanh", "relu")


@needs(runs=3, model="feedforward", order={"model.activation": ("sigmoid", "tanh", "relu")}, same_data=True)
def activation_functions(context: ArtefactContext, *, points: TwoOrMore, shown: tuple[Count, ...]) -> Built:
    """Return the functions at some points, and the training losses of one run with each.

    Args:
        context: the artefact; its runs use sigmoid, tanh and ReLU, in this order.
        points: at how many scores the functions are drawn.
        shown: epochs of which the table has the training loss; those that were not trained are left out.
    """
    runs = context.settings.runs
    losses = {name: context.over_epochs(run, "train_loss") for name, run in zip(NAMES, runs, strict=True)}
    epochs = min(found.shape[1] for found in losses.values())
    # Trained with the same rate throughout, a longer run is the same up to there.
    losses = {name: found[:, :epochs] for name, found in losses.items()}
    scores = np.linspace(-5, 5, points)
    functions = {name: ACTIVATIONS[name].function(scores) for name in NAMES}
    slopes = {name: ACTIVATIONS[name].derivative(values) for name, values in functions.items()}
    listed = [epoch for epoch in shown if epoch <= epochs]
    rows = [_row(name, slopes[name], losses[name], listed, losses["sigmoid"]) for name in NAMES]
    table = pd.DataFrame(rows)
    return Built(
        caption=(
            "Sigmoid, tanh and ReLU, their derivatives, and the training loss of the same network with each over "
            f"{epochs} epochs; {mean_of_seeds(runs)}, band from the smallest to the greatest."
        ),
        alt="Three plots: three activation functions, their derivatives, and falling training losses with each",
        data=pd.concat([_function_frame(scores, functions, slopes), _loss_frame(losses)], ignore_index=True),
        table=Table.of(
            table,
            Column("function", "function"),
            Column("slope", "greatest derivative", "right", decimals=2),
            *(Column(f"loss {epoch}", f"training loss, epoch {epoch}", "right") for epoch in listed),
            Column("epochs", "epochs to the sigmoid's last loss", "right"),
        ),
        figure=_figure(scores, functions, slopes, losses),
        facts={
            "epochs": epochs,
            "first": {name: float(found[:, 0].mean()) for name, found in losses.items()},
            "last": {name: float(found[:, -1].mean()) for name, found in losses.items()},
            "reached": {row["function"]: row["epochs"] for row in rows},
        },
    )


def _row(name: str, slopes: Floats, losses: Floats, shown: list[int], slowest: Floats) -> dict[str, Any]:
    """Return a row of the table; ``losses`` and ``slowest`` have the shape (seeds, epochs)."""
    by_epoch = {f"loss {epoch}": _with_interval(estimate(losses[:, epoch - 1].tolist())) for epoch in shown}
    return {"function": name, "slope": float(slopes.max()), **by_epoch, "epochs": epochs_to(losses, slowest)}


def epochs_to(losses: Floats, other: Floats) -> int | None:
    """Return after how many epochs the mean loss is no greater than another's in its last epoch; None if it never is.

    Args:
        losses: shape (seeds, epochs).
        other: likewise.
    """
    below = losses.mean(axis=0) <= other[:, -1].mean()
    return int(below.argmax()) + 1 if below.any() else None


def _with_interval(found: Estimate) -> str:
    spread = f" ({found.low:.3f} to {found.high:.3f})" if found.interval == "t" else ""
    return f"{found.mean:.3f}{spread}"


def _function_frame(scores: Floats, functions: dict[str, Floats], slopes: dict[str, Floats]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"function": name, "quantity": quantity, "at": scores, "value": values[name]})
        for quantity, values in (("value", functions), ("derivative", slopes))
        for name in NAMES
    ]
    return pd.concat(parts, ignore_index=True)


def _loss_frame(losses: dict[str, Floats]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "function": name,
                "quantity": f"training loss, training {number}",
                "at": np.arange(1, len(values) + 1),
                "value": values,
            }
        )
        for name, found in losses.items()
        for number, values in enumerate(found, start=1)
    ]
    return pd.concat(parts, ignore_index=True)


def _figure(
    scores: Floats, functions: dict[str, Floats], slopes: dict[str, Floats], losses: dict[str, Floats]
) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.7))
        left, middle, right = figure.subplots(1, 3)
        for axes, curves, words in ((left, functions, "activation"), (middle, slopes, "derivative")):
            for position, (name, values) in enumerate(curves.items()):
                axes.plot(scores, values, color=COLOURS[position], linestyle=LINES[position], label=name)
            axes.set_xlabel("score")
            axes.set_ylabel(words)
        left.set_ylim(-1.3, 2.6)
        for position, (name, found) in enumerate(losses.items()):
            draw_curve(right, Curve(name, found), position, named=False)
        right.set_xlabel("epoch")
        right.set_ylabel("training loss (nats)")
        right.xaxis.set_major_locator(MaxNLocator(integer=True))
        handles = left.get_lines()
        figure.legend(handles, list(functions), loc="outside upper left", ncols=3, fontsize=8)
    return figure
