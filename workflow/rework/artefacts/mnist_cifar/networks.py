"""Tables, curves, distributions and examples of the MNIST and CIFAR-10 networks (writeup 002)."""

from typing import Any

import numpy as np
from PIL import Image

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.recipes.parameter_tables import parameter_table
from rework.artefacts.recipes.picture_examples import activation_comparison, mistakes, other_mistakes
from rework.artefacts.recipes.probe_curves import probe_curves
from rework.artefacts.recipes.weight_histograms import weight_distributions
from rework.artefacts.result import Built, Column, Table
from rework.drawing.example_pictures import titled_pictures


@measures(parameters=...)
def mnist_parameters(context: ArtefactContext) -> Built:
    """Task 1.1: trainable variables of the MNIST network."""
    return parameter_table(context)


def mnist_curves(context: ArtefactContext) -> Built:
    """Task 1.2: curves without L2."""
    return probe_curves(context)


@measures("test_accuracy")
def mnist_accuracy(context: ArtefactContext) -> Built:
    """Task 1.2: test accuracy without L2."""
    return accuracy_table(context, "Test accuracy on MNIST without L2")


def mnist_distributions(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Task 1.2: weights and biases without L2."""
    return weight_distributions(context, layers)


def mnist_l2_curves(context: ArtefactContext) -> Built:
    """Task 1.2: curves with L2."""
    return probe_curves(context)


@measures("test_accuracy")
def mnist_l2_accuracy(context: ArtefactContext) -> Built:
    """Task 1.2: test accuracy with L2."""
    return accuracy_table(context, "Test accuracy on MNIST with L2")


def mnist_l2_distributions(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Task 1.2: weights and biases with L2 beside those without, and the share of small weights."""
    return weight_distributions(context, layers)


def mnist_mistakes(context: ArtefactContext, *, pairs: tuple[tuple[str, str], ...]) -> Built:
    """Task 1.3: four mistakes and rightly read digits, with activations."""
    return mistakes(context, pairs)


@measures(parameters=...)
def cifar_parameters(context: ArtefactContext) -> Built:
    """Task 2.1: trainable variables of the CIFAR-10 network."""
    return parameter_table(context)


def cifar_curves(context: ArtefactContext) -> Built:
    """Task 2.2: curves without L2."""
    return probe_curves(context)


@measures("test_accuracy")
def cifar_accuracy(context: ArtefactContext) -> Built:
    """Task 2.2: test accuracy without L2."""
    return accuracy_table(context, "Test accuracy on CIFAR-10 without L2")


def cifar_distributions(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Task 2.2: weights and biases without L2."""
    return weight_distributions(context, layers)


def cifar_l2_curves(context: ArtefactContext) -> Built:
    """Task 2.2: curves with L2."""
    return probe_curves(context)


@measures("test_accuracy")
def cifar_l2_accuracy(context: ArtefactContext) -> Built:
    """Task 2.2: test accuracy with L2."""
    return accuracy_table(context, "Test accuracy on CIFAR-10 with L2")


def cifar_l2_distributions(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Task 2.2: weights and biases with L2 beside those without."""
    return weight_distributions(context, layers)


def cifar_examples(context: ArtefactContext, *, right: tuple[str, ...], pairs: tuple[tuple[str, str], ...]) -> Built:
    """Task 2.3: rightly read pictures and a mistaken plane, with activations."""
    return mistakes(context, pairs, right)


@measures(parameters=...)
def small_filter_parameters(context: ArtefactContext) -> Built:
    """Discussion 1a and 1b: trainable variables with 3 x 3 kernels, and with twice as many of them."""
    return parameter_table(context, ("small.", "doubled."))


@measures("test_accuracy")
def small_filter_accuracy(context: ArtefactContext) -> Built:
    """Discussion 1a and 1b: test accuracy by kernel size and number of kernels."""
    return accuracy_table(context, "Test accuracy on MNIST by kernels, all with L2")


def small_filter_mistakes(context: ArtefactContext, *, count: int) -> Built:
    """Discussion 1a: what 3 x 3 kernels misread and 5 x 5 kernels read."""
    return other_mistakes(context, count)


@measures("test_accuracy")
def selu_accuracy(context: ArtefactContext) -> Built:
    """Discussion 1c: test accuracy with SELU beside ReLU."""
    return accuracy_table(context, "Test accuracy on CIFAR-10 by activation function, with L2")


def selu_distributions(context: ArtefactContext, *, layers: tuple[str, ...]) -> Built:
    """Discussion 1c: weights and biases with SELU beside those with ReLU."""
    return weight_distributions(context, layers)


@measures("test_accuracy")
def avg_pool_accuracy(context: ArtefactContext) -> Built:
    """Discussion 1d: test accuracy with average pooling and a 5 x 5 first layer."""
    return accuracy_table(context, "Test accuracy on CIFAR-10 by pooling, with L2")


def avg_pool_activations(context: ArtefactContext, *, image: int) -> Built:
    """Discussion 1d: activations with average pooling beside max pooling."""
    return activation_comparison(context, image)


def preprocessing(context: ArtefactContext, *, count: int) -> Built:
    """Task 5: the first training pictures as they are, mirrored, grey and normalised; ``count`` is how many."""
    dataset = context.dataset(context.settings.datasets[0])
    originals = np.asarray(dataset.splits["train"].inputs[:count])
    greys = [Image.fromarray(pixels.transpose(1, 2, 0)).convert("L") for pixels in originals]
    grey = np.stack([np.asarray(picture)[None].repeat(3, axis=0) for picture in greys])
    normalised = (originals / 255 - 0.5) / 0.5
    kinds = {
        "original": originals,
        "mirrored": originals[:, :, :, ::-1],
        "grey": grey,
        # From -1..1 back to bytes, to be shown: normalising changes the numbers and not the picture.
        "normalised": np.rint((normalised + 1) / 2 * 255).astype(np.uint8),
    }
    names = [dataset.classes[label] for label in dataset.splits["train"].targets[:count]]
    pictures = [picture for found in kinds.values() for picture in found]
    titles = [f"{kind}: {name}" for kind in kinds for name in names]
    ranges = {kind: (float(found.min() / 255), float(found.max() / 255)) for kind, found in kinds.items()}
    ranges["normalised"] = (float(normalised.min()), float(normalised.max()))
    return Built(
        caption=(
            f"The first {count} training pictures as they are, mirrored (each with probability 0.5), in grey (each "
            f"with probability 0.1), and normalised. Normalising takes 0.5 from each value and divides by 0.5: the "
            f"values of these pictures go from {ranges['normalised'][0]:.2f} to {ranges['normalised'][1]:.2f} instead "
            f"of {ranges['original'][0]:.2f} to {ranges['original'][1]:.2f}, and are shown scaled back."
        ),
        alt="Rows of the same small colour photographs: original, mirrored, grey and normalised",
        data=(("kind", "least", "greatest"), [[kind, *found] for kind, found in ranges.items()]),
        figure=titled_pictures(pictures, titles, columns=count),
        facts={"count": count},
    )


def generalisation_gap(context: ArtefactContext) -> Built:
    """Return accuracies on training and test split and their difference, for every run."""
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        found = {
            name: context.estimate(run.run, name)[0]
            for name in ("train_accuracy", "test_accuracy", "generalisation_gap", "small_weights_share")
        }
        gap = found["generalisation_gap"]
        interval = f"{100 * gap.low:.2f} to {100 * gap.high:.2f}" if gap.interval == "t" else "–"
        rows.append(
            {"run": run.label, "interval": interval, "seeds": len(run.seeds)}
            | {name: estimate.mean for name, estimate in found.items()}
        )
    columns = (
        Column("run", "run"),
        Column("train_accuracy", "training split", "right", "%", 2),
        Column("test_accuracy", "test set", "right", "%", 2),
        Column("generalisation_gap", "gap", "right", "%", 2),
        Column("interval", "95 % interval of the gap, points", "right"),
        Column("small_weights_share", "weights below 0.001", "right", "%", 1),
        Column("seeds", "seeds", "right"),
    )
    return Built(
        caption=(
            "Accuracy on the training split, without augmentation and dropout, and on the test set, with their "
            "difference, the generalisation gap; means over seeds."
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        table=Table(columns, tuple(rows)),
        facts={
            "gaps": {run.run: row["generalisation_gap"] for run, row in zip(context.settings.runs, rows, strict=True)}
        },
    )


def precision(context: ArtefactContext) -> Built:
    """Return test accuracies of the same network trained in two number formats."""
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        found, _ = context.estimate(run.run, "test_accuracy")
        formats = {context.provenance(run.run, seed)["precision"] for seed in run.seeds}
        rows.append(
            {
                "run": run.label,
                "format": " and ".join(sorted(formats)),
                "accuracy": found.mean,
                "interval": f"{100 * found.low:.2f} to {100 * found.high:.2f} %",
                "low": found.low,
                "high": found.high,
                "seeds": len(run.seeds),
            }
        )
    overlap = rows[0]["low"] <= rows[1]["high"] and rows[1]["low"] <= rows[0]["high"]
    columns = (
        Column("run", "run"),
        Column("format", "number format of the forward pass"),
        Column("accuracy", "test accuracy", "right", "%", 2),
        Column("interval", "95 % interval", "right"),
        Column("seeds", "seeds", "right"),
    )
    return Built(
        caption=(
            "The plain CIFAR-10 network trained as the other runs are and once in single precision. The intervals "
            f"{'overlap' if overlap else 'do not overlap'}."
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        table=Table(columns, tuple(rows)),
        facts={"overlap": overlap, "same_format": rows[0]["format"] == rows[1]["format"]},
    )
