"""Weights and activations of networks, and the pictures that activate their units most (3.5)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.networks import GIVEN, Network, networks_of
from rework.artefacts.measures import measures
from rework.artefacts.named_things import example_number
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.drawing.network_views import Band, Favourites, as_colours, as_greys, at_side, favourite_rows, picture_bands
from rework.evaluation.statistics import estimate
from rework.inspection import kernels
from rework.inspection.maximal import Strongest, seen_by, strongest
from rework.inspection.stages import stages
from rework.settings.ranges import Count, Few, TwoOrMore, Whole

KERNEL_SIDE = 32  # pixels to which pictures and kernels in one row are enlarged


@measures(test_accuracy=("course-weights",))
@needs(runs=1, model="notes-cnn", weights=1)
def layer_activations(context: ArtefactContext, *, image: Whole, examples: Count) -> Built:
    """Return first weights and activations of both networks for test picture ``image``.

    Silent values are counted over the first ``examples`` test pictures.
    """
    dataset, networks = networks_of(context)
    test = dataset.splits["test"]
    picture = np.asarray(test.inputs[example_number(context, "image", len(test.targets), image)])
    bands: list[Band] = []
    rows: list[dict[str, Any]] = []
    right: dict[str, int] = {}
    for network in networks:
        found = network.subject.test_probabilities().argmax(axis=1) == np.asarray(test.targets)
        right[network.key] = int(found.sum())
        share = f"{100 * found.mean():.2f} % of the test pictures right"
        bands += _bands(network, picture, f"{network.label} ({share})")
        rows += _layer_rows(network, picture, examples)
    data = pd.DataFrame(rows)
    count, name = len(test.targets), dataset.classes[test.targets[image]]
    return Built(
        caption=(
            f"What the convolutions of the notes' CNN make of test picture {image}, a {name}. First for each network: "
            "the picture, and the kernels of conv1 with their three channels as red, green and blue (grey is zero). "
            "Then the maps of each convolution after ReLU, on one scale for each row from black (0) to white (its "
            f"greatest value). The table counts zeros over the first {min(examples, count)} test pictures."
        ),
        alt=f"Kernels as coloured squares, and grey maps of a {name} that become smaller and more abstract",
        data=data,
        values=(
            Measured(
                GIVEN,
                "test_accuracy",
                f"the course's weights, {right[GIVEN]} of {count}",
                estimate([right[GIVEN] / count], True),
                (),
                "%",
            ),
        ),
        table=Table.of(
            data,
            Column("network", "network"),
            Column("layer", "layer"),
            Column("size", "maps", "right"),
            Column("greatest", "greatest value here", "right", "", 2),
            Column("silent", "maps that are 0 here", "right"),
            Column("zeros", "zeros", "right", "%", 1),
            Column("dead", "maps that are always 0", "right"),
        ),
        figure=picture_bands(bands),
        facts={
            "right": right,
            "count": count,
            "zeros": {f"{row['key']} {row['layer']}": row["zeros"] for row in rows},
            "dead": {f"{row['key']} {row['layer']}": row["dead"] for row in rows},
        },
    )


@needs(runs=1, model="notes-cnn", weights=1)
def maximal_images(context: ArtefactContext, *, layers: tuple[str, ...], units: Few, top: TwoOrMore) -> Built:
    """Return the ``top`` test pictures of the first ``units`` units that respond to anything, of each layer."""
    dataset, networks = networks_of(context)
    test = dataset.splits["test"]
    targets = np.asarray(test.targets)
    blocks: list[tuple[str, list[Favourites]]] = []
    rows: list[dict[str, Any]] = []
    pure: dict[str, float] = {}
    for network in networks:
        shown: list[Favourites] = []
        for found in strongest(network.subject, layers, top):
            alive = np.flatnonzero(found.values[:, -1] > 0)
            for unit in alive[:units]:
                pictures = as_colours(np.asarray(test.inputs[found.pictures[unit]]))
                label = f"{found.layer}, {unit + 1}"
                shown.append(Favourites(label, pictures, seen_by(network.subject, found, int(unit))))
                rows += _favourite_rows(network, found, int(unit), dataset.classes, targets)
            pure[f"{network.key} {found.layer}"] = purity(targets[found.pictures[alive]])
        blocks.append((network.label, shown))
    chance = purity(context.random_numbers().choice(targets, (1000, top)))
    data = pd.DataFrame(rows)
    table = _purity_table(networks, layers, pure)
    return Built(
        caption=(
            f"The {top} test pictures that activate each of some units most, the strongest first; for convolutions, a "
            f"unit is a map and counts with its greatest value. Shown are the first {units} units of "
            f"{', '.join(layers)} that respond to that many pictures. A box holds the pixels on which the value "
            "depends. The table: what share of a unit's pictures is of their commonest class, on average over all "
            f"units that respond; for pictures drawn at random it would be {100 * chance:.1f} %."
        ),
        alt="Rows of small photographs for each unit of two networks, with boxes that grow from layer to layer",
        data=data,
        table=table,
        figure=favourite_rows(_alike(blocks)),
        facts={"pure": pure, "chance": chance, "first": layers[0], "last": layers[-1]},
    )


def purity(labels: NDArray[np.int64]) -> float:
    """Return the share of the commonest label of each row of labels (N x top), on average; NaN without rows."""
    if not len(labels):
        return float("nan")
    commonest = [np.bincount(row).max() for row in labels]
    return float(np.mean(commonest) / labels.shape[1])


def _bands(network: Network, picture: NDArray[np.uint8], title: str) -> list[Band]:
    first = kernels.first_weights(network.subject)
    pictures = at_side(as_colours(picture[None]), KERNEL_SIDE)
    coloured = at_side(kernels.as_colours(first.weights), KERNEL_SIDE)
    bands = [Band(f"{title}: {first.layer}", np.concatenate([pictures, coloured]), 1 + len(coloured))]
    for stage in _convolutions(network, picture[None]):
        maps = stage.outputs[0].numpy()
        size = f"{len(maps)} maps of {maps.shape[2]} × {maps.shape[1]}"
        bands.append(Band(f"{stage.layer}: {size}, up to {maps.max():.2f}", as_greys(maps), min(32, len(maps))))
    return bands


def _convolutions(network: Network, pictures: NDArray[np.uint8]) -> list[Any]:
    found = stages(network.subject, network.subject.scaled(pictures))
    return [stage for stage in found if stage.outputs.ndim == 4]


def _layer_rows(network: Network, picture: NDArray[np.uint8], examples: int) -> list[dict[str, Any]]:
    here = {stage.layer: stage.outputs[0].numpy() for stage in _convolutions(network, picture[None])}
    zeros = dict.fromkeys(here, 0.0)
    alive = {layer: np.zeros(len(maps), dtype=bool) for layer, maps in here.items()}
    batches = list(network.subject.batches(min(examples, len(network.subject.test))))
    for inputs in batches:
        for stage in stages(network.subject, inputs, here):
            active = (stage.outputs > 0).numpy()
            zeros[stage.layer] += float((~active).mean()) * len(inputs)
            alive[stage.layer] |= active.any(axis=(0, 2, 3))
    total = sum(map(len, batches))
    return [
        {
            "key": network.key,
            "network": network.label,
            "layer": layer,
            "size": " × ".join(map(str, maps.shape)),
            "greatest": float(maps.max()),
            "silent": int((maps.max(axis=(1, 2)) <= 0).sum()),
            "zeros": zeros[layer] / total,
            "dead": int((~alive[layer]).sum()),
        }
        for layer, maps in here.items()
    ]


def _favourite_rows(
    network: Network, found: Strongest, unit: int, classes: tuple[str, ...], targets: NDArray[np.int64]
) -> list[dict[str, Any]]:
    return [
        {
            "network": network.label,
            "layer": found.layer,
            "unit": unit + 1,
            "rank": rank + 1,
            "picture": int(picture),
            "class": classes[targets[picture]],
            "activation": float(value),
        }
        for rank, (picture, value) in enumerate(zip(found.pictures[unit], found.values[unit], strict=True))
    ]


def _alike(blocks: list[tuple[str, list[Favourites]]]) -> list[tuple[str, list[Favourites]]]:
    """Return blocks of the same number of rows: a layer of one network may have fewer units that respond."""
    rows = min(len(units) for _, units in blocks)
    return [(title, units[:rows]) for title, units in blocks]


def _purity_table(networks: tuple[Network, ...], layers: tuple[str, ...], pure: dict[str, float]) -> Table:
    columns = [Column("network", "network"), *(Column(layer, layer, "right", "%", 1) for layer in layers)]
    rows: list[dict[str, str | float]] = [
        {"network": network.label, **{layer: pure[f"{network.key} {layer}"] for layer in layers}}
        for network in networks
    ]
    return Table(tuple(columns), tuple(rows))
