"""Tables, curves, features and kernels of the Fashion-MNIST networks (writeup 001, exercises 2.2 and 2.3)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rework.artefacts.built import Built, Measured
from rework.artefacts.context import ArtefactContext
from rework.artefacts.plots import Curve, kernel_grid, learning_curves, picture_rows, stacked
from rework.evaluation.claims import MeasuredRun, check_claim
from rework.settings.artefact import RunReference

INTERVALS = {"t": "t-interval over seeds", "binomial": "binomial interval of the test set", "none": "no interval"}


def dropout_table(context: ArtefactContext) -> Built:
    """Table 1: test accuracy by dropout probability."""
    return _accuracy_table(context, "dropout")


def learning_rate_table(context: ArtefactContext) -> Built:
    """Table 2: test accuracy by learning rate."""
    return _accuracy_table(context, "learning rate")


def ffn_comparison(context: ArtefactContext) -> Built:
    """The feedforward network beside the convolutional one."""
    return _accuracy_table(context, "network")


def best_loss(context: ArtefactContext) -> Built:
    """Figure 3: training loss over epochs."""
    return _history_figure(context, "train_loss", "training loss (nats)")


def best_accuracy(context: ArtefactContext) -> Built:
    """Figure 4: validation accuracy over epochs."""
    return _history_figure(context, "validation_accuracy", "validation accuracy", percent=True)


def features(context: ArtefactContext) -> Built:
    """Figure 5: what each layer makes of one test image."""
    run = context.settings.runs[0]
    predictions = context.predictions(run.run, run.seeds[0])
    dataset = context.dataset(run.dataset)
    image = int(predictions["captured_images"][0])
    layers = {name.partition("/")[2]: array[0] for name, array in predictions.items() if name.startswith("activation/")}
    pixels = np.asarray(dataset.splits["test"].inputs[image]) / 255
    rows = [(f"input, {pixels.shape[2]} × {pixels.shape[1]}", pixels)]
    for name, maps in layers.items():
        shape = f"{len(maps)} maps of {maps.shape[2]} × {maps.shape[1]}"
        rows.append((f"{name.replace('.', ', ')}: {shape}", maps.astype(np.float64)))
    truth = dataset.classes[int(predictions["targets"][image])]
    guess = dataset.classes[int(predictions["predictions"][image])]
    silent = {name: float((maps.max(axis=(1, 2)) <= 0).mean()) for name, maps in layers.items() if "activation" in name}
    return Built(
        caption=(
            f"Feature maps of test image {image}, a member of the class {truth!r} that the network with seed "
            f"{run.seeds[0]} takes for {guess!r}, from the input to the last pooling. Each row has a grey scale of its "
            "own. The image is the first of the test set and was not chosen for what it shows."
        ),
        alt=f"One picture of class {truth} and rows of grey feature maps, {', '.join(title for title, _ in rows[1:])}",
        data=(
            ("layer", "map", "row", "column", "value"),
            [
                [name, index, *position, float(maps[index][position])]
                for name, maps in layers.items()
                for index in range(len(maps))
                for position in np.ndindex(maps.shape[1:])
            ],
        ),
        figure=picture_rows(rows, 16, "layers, from the input on"),
        facts={"image": image, "class": truth, "prediction": guess, "right": truth == guess, "silent": silent},
    )


def conv1_kernels(context: ArtefactContext) -> Built:
    """Figure 6: the kernels of the first convolution."""
    return _kernels(context, "block1.convolution.weight", 8, "first")


def conv2_kernels(context: ArtefactContext) -> Built:
    """Figure 7: the kernels of the second convolution for its first input channel."""
    return _kernels(context, "block2.convolution.weight", 8, "second")


def claims(context: ArtefactContext) -> Built:
    """Check the writeup's conclusions over the seeds that were run."""
    measured: dict[str, MeasuredRun] = {}
    for claim in context.settings.claims:
        if claim.not_run is not None:
            continue
        for run in (claim.left, *claim.right):
            measured[run] = MeasuredRun(context.run(run).label, *context.estimate(run, claim.metric))
    checked = tuple(check_claim(claim, measured) for claim in context.settings.claims)
    return Built(
        caption=(
            "The writeup's conclusions, each checked on the 95 % interval of the difference: over seeds where both "
            "sides have at least two, otherwise of two proportions of the test set."
        ),
        data=(("claim", "result", "why"), [[item.claim.text, item.result, item.why] for item in checked]),
        claims=checked,
    )


def _accuracy_table(context: ArtefactContext, what: str) -> Built:
    """Measure the test accuracy of each run; the report sets it beside the published one."""
    published = {value.key: value.value for value in context.settings.published}
    header = ("run", "published", "reproduced", "low", "high", "interval", "validation", "seeds")
    values: list[Measured] = []
    rows: list[list[Any]] = []
    for run in context.settings.runs:
        found, size = context.estimate(run.run, "test_accuracy")
        validation, _ = context.estimate(run.run, "validation_accuracy")
        values.append(Measured(run.run, "test_accuracy", run.label, found, run.seeds, "%"))
        measured = [found.mean, found.low, found.high, found.interval, validation.mean, len(run.seeds)]
        rows.append([run.label, published.get(run.run), *measured])
    means = [value.estimate.mean for value in values]
    return Built(
        caption=(
            f"Test accuracy by {what} after {_epochs(context.settings.runs)} epochs, on {size} test images: as "
            f"published and in this build. {_basis(values)}"
        ),
        data=(header, rows),
        values=tuple(values),
        facts={"best": values[means.index(max(means))].label, "spread": max(means) - min(means), "test_size": size},
    )


def _basis(values: Sequence[Measured]) -> str:
    """Return which kind of interval stands for which values."""
    kinds = dict.fromkeys(INTERVALS[value.estimate.interval] for value in values)
    if len(kinds) == 1:
        return f"Intervals: {next(iter(kinds))}."
    parts = [
        f"{kind} for {', '.join(value.label for value in values if INTERVALS[value.estimate.interval] == kind)}"
        for kind in kinds
    ]
    return f"Intervals: {'; '.join(parts)}."


def _epochs(runs: tuple[RunReference, ...]) -> str:
    return " or ".join(str(epochs) for epochs in sorted({run.epochs for run in runs}))


def _history_figure(context: ArtefactContext, column: str, label: str, percent: bool = False) -> Built:
    run = context.settings.runs[0]
    by_seed = stacked([context.history(run.run, seed) for seed in run.seeds], column)
    first, last = by_seed[:, 0].mean(), by_seed[:, -1].mean()
    shown = [f"{100 * value:.2f} %" if percent else f"{value:.3f}" for value in (first, last)]
    seeds = (
        f"mean of {len(run.seeds)} seeds, band from the smallest to the greatest" if len(run.seeds) > 1 else "one seed"
    )
    name = label.partition(" (")[0]
    return Built(
        caption=f"{name.capitalize()} over {run.epochs} epochs; {seeds}. It goes from {shown[0]} to {shown[1]}.",
        alt=f"Line plot of the {name} over {run.epochs} epochs, from {shown[0]} to {shown[1]}",
        data=(
            ("epoch", *(f"seed{seed}" for seed in run.seeds)),
            [[epoch + 1, *map(float, by_seed[:, epoch])] for epoch in range(by_seed.shape[1])],
        ),
        figure=learning_curves([Curve(run.label, by_seed)], label, percent),
        facts={"first": float(first), "last": float(last), "best_epoch": int(_best_epoch(by_seed.mean(0), column))},
    )


def _best_epoch(values: np.ndarray, column: str) -> int:
    return int(values.argmin() if "loss" in column else values.argmax()) + 1


def _kernels(context: ArtefactContext, tensor: str, columns: int, which: str) -> Built:
    run = context.settings.runs[0]
    weights = context.weights(run.run, run.seeds[0])[tensor].astype(np.float64)
    kernels = weights[:, 0]
    size = f"{kernels.shape[2]} × {kernels.shape[1]}"
    channels = weights.shape[1]
    part = "" if channels == 1 else f", for the first of its {channels} input channels"
    limit = float(np.abs(kernels).max())
    return Built(
        caption=(
            f"The {len(kernels)} kernels of {size} weights of the {which} convolution{part}, after training with seed "
            f"{run.seeds[0]}. One colour scale around zero for all; the greatest weight shown is {limit:.2f} in size."
        ),
        alt=f"Grid of {len(kernels)} kernels of {size} weights in violet (negative) to orange (positive)",
        data=(
            ("kernel", "row", "column", "weight"),
            [
                [index + 1, *position, float(kernels[index][position])]
                for index in range(len(kernels))
                for position in np.ndindex(kernels.shape[1:])
            ],
        ),
        figure=kernel_grid(kernels, columns, "weight"),
        facts={"count": len(kernels), "largest": limit, "mean": float(kernels.mean())},
    )
