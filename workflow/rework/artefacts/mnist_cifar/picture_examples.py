"""Pictures with a network's predictions and the activations of its first layers (tasks 1.3 and 2.3, discussion 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.mnist_cifar.first_activations import first_activations
from rework.artefacts.named_things import class_number, example_number, option_place
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.artefacts.sentences import first_seeds
from rework.datasets.store import StoredDataset
from rework.drawing.example_pictures import Example, example_rows, titled_pictures
from rework.drawing.picture_grids import picture_rows
from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.settings.artefact import RunReference
from rework.settings.ranges import Few, Whole

Maps = NDArray[np.float64]


@dataclass(frozen=True)
class SplitReadings:
    """A run's predictions on the test split: labels and correct labels (N), and probabilities (N, classes)."""

    labels: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of the label that the run predicts, shape (N,)."""
        found: NDArray[np.float64] = self.probabilities.max(axis=1)
        return found


def read_test(context: ArtefactContext, run: str, seed: int) -> SplitReadings:
    """Return the predictions of a run with one seed on the test split."""
    stored = context.predictions(run, seed)
    return SplitReadings(stored["predictions"], stored["targets"], stored["probabilities"].astype(np.float64))


def choose_mistakes(readings: SplitReadings, wanted: Sequence[tuple[int, int]]) -> list[int | None]:
    """Return one misread example for each wanted pair (correct class, class read).

    It is the most confident mistake of that pair not chosen yet or, if there is none, the most confident mistake of a
    pair that is neither wanted nor chosen yet; None if there is none either.
    """
    wrong = np.flatnonzero(readings.labels != readings.targets)
    ranked = [int(example) for example in wrong[np.argsort(-readings.confidence[wrong], kind="stable")]]
    pair = {example: (int(readings.targets[example]), int(readings.labels[example])) for example in ranked}
    chosen: list[int | None] = []
    for target in wanted:
        fitting = [example for example in ranked if pair[example] == target and example not in chosen]
        if not fitting:
            taken = {*wanted, *(pair[example] for example in chosen if example is not None)}
            fitting = [example for example in ranked if pair[example] not in taken]
        chosen.append(fitting[0] if fitting else None)
    return chosen


def readings_table(readings: SplitReadings, examples: Sequence[int], classes: Sequence[str]) -> pd.DataFrame:
    """Return the given examples of the test split with their correct class and the class read, by name."""
    return pd.DataFrame(
        {
            "example": examples,
            "right class": [classes[readings.targets[example]] for example in examples],
            "class read": [classes[readings.labels[example]] for example in examples],
        }
    )


def first_right(readings: SplitReadings, label: int) -> int | None:
    """Return the first correctly read test example of a class, or None."""
    right = np.flatnonzero((readings.targets == label) & (readings.labels == label))
    return int(right[0]) if len(right) else None


@dataclass(frozen=True)
class _Shown:
    """A test example that is shown as one of the artefact's runs reads it."""

    run: RunReference
    example: int


@needs(
    runs=(1, 2),
    model=("mnist-cnn", "cifar-cnn"),
    values={"data.normalise": ("unit", "half", "centred")},
    same_data=True,
)
def mistakes(
    context: ArtefactContext, *, pairs: tuple[tuple[str, str, str], ...], right: tuple[tuple[str, str], ...] = ()
) -> Built:
    """Return misread pictures, each above a correctly read one of the class that the network took it for.

    Args:
        context: the artefact.
        pairs: the correct class, the class read and the run that reads, by name, of each wanted mistake.
        right: a class, and the run whose first correctly read picture of it is shown before the pairs.
    """
    runs = context.settings.runs
    dataset = context.dataset(runs[0].dataset)
    readings = {run.run: read_test(context, run.run, run.seeds[0]) for run in runs}

    def number(option: str, name: str) -> int:
        return class_number(context, option, dataset.classes, name)

    wanted = [(number("pairs", truth), number("pairs", read)) for truth, read, _ in pairs]
    readers = [_reader(context, "pairs", run) for *_, run in pairs]
    shown: list[_Shown] = []
    for name, reader in right:
        run = _reader(context, "right", reader)
        shown += _first(run, readings[run.run], number("right", name))
    chosen = _chosen_by_network(readings, readers, wanted)
    found = list(chosen.values())
    for one in found:
        shown += [one, *_first(one.run, readings[one.run.run], int(readings[one.run.run].labels[one.example]))]
    read = [_pair(readings[one.run.run], one.example) for one in found]
    named = [f"{dataset.classes[truth]} read as {dataset.classes[label]}" for truth, label in read]
    met = sum(pair == wanted[place] for place, pair in zip(chosen, read, strict=True))
    several = len(runs) > 1
    by = [f"{text} ({one.run.label})" for text, one in zip(named, found, strict=True)] if several else named
    return Built(
        caption=(
            f"Test pictures with the probability of each class and the activations of conv1 and conv2 (after the "
            f"activation function; each picture of a map from black, its least value, to white). {_right_text(right)}"
            f"Mistakes: {', '.join(by)}; each stands above the first rightly read picture of the class that it was "
            "taken for. The rule: for each pair of classes that the writeup shows, the most confident mistake of that "
            f"pair ({met} of {len(wanted)} exist here), otherwise the most confident mistake of another pair. "
            f"{first_seeds(runs) if several else f'{runs[0].label}, seed {runs[0].seeds[0]}.'}"
        ),
        alt="Rows of a picture, bars of class probabilities, and grids of activation maps",
        data=pd.concat([_row(dataset, readings[one.run.run], one, several) for one in shown], ignore_index=True),
        figure=example_rows(_examples(context, dataset, readings, shown, several), dataset.classes),
        facts={
            "pairs": named,
            "wanted": len(wanted),
            "met": met,
            "misread": {run: int((one.labels != one.targets).sum()) for run, one in readings.items()},
        },
    )


def _reader(context: ArtefactContext, option: str, name: str) -> RunReference:
    """Return the run that an option names, checked."""
    runs = {run.run: run for run in context.settings.runs}
    if name not in runs:
        raise ConfigError(f"{option_place(context, option)}: {unknown_name('run', name, runs)}")
    return runs[name]


def _chosen_by_network(
    readings: Mapping[str, SplitReadings], readers: Sequence[RunReference], wanted: Sequence[tuple[int, int]]
) -> dict[int, _Shown]:
    """Return the chosen mistakes by the place of their pair; each network is asked for all of its pairs together."""
    chosen: dict[int, _Shown] = {}
    for run in dict.fromkeys(readers):
        places = [place for place, reader in enumerate(readers) if reader == run]
        examples = choose_mistakes(readings[run.run], [wanted[place] for place in places])
        chosen |= {place: _Shown(run, e) for place, e in zip(places, examples, strict=True) if e is not None}
    return dict(sorted(chosen.items()))


def _first(run: RunReference, readings: SplitReadings, label: int) -> list[_Shown]:
    example = first_right(readings, label)
    return [] if example is None else [_Shown(run, example)]


def _pair(readings: SplitReadings, example: int) -> tuple[int, int]:
    return int(readings.targets[example]), int(readings.labels[example])


def _row(dataset: StoredDataset, readings: SplitReadings, shown: _Shown, several: bool) -> pd.DataFrame:
    """Return the CSV row of an example, with the network if there are several."""
    row = readings_table(readings, [shown.example], dataset.classes).join(
        pd.DataFrame([readings.probabilities[shown.example]], columns=dataset.classes)
    )
    return row.assign(network=shown.run.label) if several else row


@needs(runs=2, trained=("classification", "numpy-classifier"), layout="examples", same_data=True)
def other_mistakes(context: ArtefactContext, *, count: Few) -> Built:
    """Return the ``count`` most confident mistakes of the artefact's first run that its second does not make."""
    first, second = context.settings.runs
    dataset = context.dataset(first.dataset)
    ours, theirs = (read_test(context, run.run, run.seeds[0]) for run in (first, second))
    only = np.flatnonzero((ours.labels != ours.targets) & (theirs.labels == theirs.targets))
    reverse = int(((theirs.labels != theirs.targets) & (ours.labels == ours.targets)).sum())
    ranked = only[np.argsort(-ours.confidence[only], kind="stable")][:count]
    data = readings_table(ours, ranked.tolist(), dataset.classes).assign(probability=ours.confidence[ranked])
    titles = (data["right class"] + " read as " + data["class read"]).tolist()
    pictures = [np.asarray(dataset.splits["test"].inputs[e]) for e in ranked]
    return Built(
        caption=(
            f"Test pictures that {first.label} misreads and {second.label} reads: the most confident {len(ranked)} of "
            f"{len(only)} (the other way round there are {reverse}). First seed of each run."
        ),
        alt="Grid of small pictures, each under its right class and the class that was read",
        data=data,
        figure=titled_pictures(pictures, titles, columns=6),
        facts={"only_first": len(only), "only_second": reverse},
    )


@needs(runs=2, model=("mnist-cnn", "cifar-cnn"), values={"data.normalise": ("unit", "half", "centred")}, same_data=True)
def activation_comparison(context: ArtefactContext, *, image: Whole) -> Built:
    """Return conv1 and conv2 of the artefact's runs (first seeds) for test picture number ``image``."""
    runs = context.settings.runs
    dataset = context.dataset(runs[0].dataset)
    test = dataset.splits["test"].inputs
    pixels = np.asarray(test[example_number(context, "image", len(test), image)])
    rows: list[tuple[str, Maps]] = [("the picture, mean of its colours", pixels.mean(axis=0, keepdims=True) / 255)]
    data: list[tuple[Any, ...]] = []
    silent: dict[str, float] = {}
    for run in runs:
        found = _activations(context, run.run, run.seeds[0], pixels[None])
        for layer, maps in found.items():
            rows.append((f"{run.label}, {layer}: {maps.shape[1]} maps of {maps.shape[3]} × {maps.shape[2]}", maps[0]))
            silent[f"{run.run} {layer}"] = float((maps[0].max(axis=(1, 2)) <= 0).mean())
            data += [(run.label, layer, index, one.min(), one.mean(), one.max()) for index, one in enumerate(maps[0])]
    return Built(
        caption=(
            f"What conv1 and conv2 of {' and '.join(run.label for run in runs)} show of test picture {image}, a "
            f"{dataset.classes[dataset.splits['test'].targets[image]]}, after the activation function. Each row has a "
            f"grey scale of its own. First seed of each run."
        ),
        alt="Rows of grey activation maps of two networks for the same picture",
        data=pd.DataFrame(data, columns=["run", "layer", "map", "least", "mean", "greatest"]),
        figure=picture_rows(rows, 32, "networks and layers"),
        facts={"silent": silent},
    )


def _examples(
    context: ArtefactContext,
    dataset: StoredDataset,
    readings: Mapping[str, SplitReadings],
    shown: Sequence[_Shown],
    several: bool,
) -> list[Example]:
    maps: dict[_Shown, dict[str, Maps]] = {}
    for run in dict.fromkeys(one.run for one in shown):
        own = [one for one in dict.fromkeys(shown) if one.run == run]
        pixels = np.asarray(dataset.splits["test"].inputs[[one.example for one in own]])
        found = _activations(context, run.run, run.seeds[0], pixels)
        maps |= {one: {layer: all_[k] for layer, all_ in found.items()} for k, one in enumerate(own)}
    examples: list[Example] = []
    for one in shown:
        truth, read = _pair(readings[one.run.run], one.example)
        by = f"\n{one.run.label}" if several else ""
        examples.append(
            Example(
                pixels=np.asarray(dataset.splits["test"].inputs[one.example]),
                title=f"{dataset.classes[truth]} (test picture {one.example}){by}",
                read=read,
                truth=truth,
                probabilities=readings[one.run.run].probabilities[one.example],
                maps=maps[one],
            )
        )
    return examples


def _activations(context: ArtefactContext, run: str, seed: int, pixels: NDArray[np.uint8]) -> dict[str, Maps]:
    """Return a trained run's first activations on pictures (bytes, N x C x H x W), scaled as in its training."""
    settings = context.provenance(run, seed)["settings"]
    middle, unit = {"unit": (0, 1), "half": (0.5, 0.5), "centred": (0.5, 1)}[settings["data"]["normalise"]]
    scaled = (pixels.astype(np.float64) / 255 - middle) / unit
    return first_activations(scaled, context.weights(run, seed), **network_options(settings["model"]))


def network_options(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``first_activations`` options that match the settings of an ``mnist-cnn`` or ``cifar-cnn``."""
    parameters = model["parameters"]
    if model["name"] == "mnist-cnn":
        return {"padding": parameters.get("kernel_size", 5) // 2}
    names = ("activation", "pooling")
    return {"padding": 0, **{name: parameters[name] for name in names if name in parameters}}


def _right_text(right: Sequence[tuple[str, str]]) -> str:
    names = [name for name, _ in right]
    return f"First the first rightly read {' and the first rightly read '.join(names)}. " if names else ""
