"""Where networks look, and how they order pictures: occlusion and t-SNE (3.5)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.networks import networks_of
from rework.artefacts.named_things import class_number
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.drawing.network_views import Hidden, PictureMap, as_colours, occlusion_grid, picture_maps
from rework.inspection.codes import codes, neighbour_agreement, on_grid, tsne_map
from rework.inspection.occlusion import OcclusionMap, occlusion_map
from rework.seeds import derive_seed
from rework.settings.ranges import Side, TwoOrMore

NEIGHBOURS = 10


@needs(runs=1, model="notes-cnn", weights=1)
def occlusion(context: ArtefactContext, *, classes: tuple[str, ...], size: Side, stride: Side) -> Built:
    """Return the probability of the right class of one picture of each class, with a black patch at every place.

    Args:
        context: the artefact.
        classes: names of the classes.
        size: side of the patch in pixels.
        stride: pixels from one place to the next.
    """
    dataset, networks = networks_of(context)
    test = dataset.splits["test"]
    targets = np.asarray(test.targets)
    read = [network.subject.test_probabilities().argmax(axis=1) for network in networks]
    chosen = [first_right(targets, read, class_number(context, "classes", dataset.classes, name)) for name in classes]
    hidden: list[Hidden] = []
    rows: list[dict[str, Any]] = []
    alike: list[float | None] = []
    for name, number in zip(classes, chosen, strict=True):
        picture = np.asarray(test.inputs[number])
        target = int(targets[number])
        found = [occlusion_map(network.subject, picture, target, size=size, stride=stride) for network in networks]
        titles = [f"{one.whole:.2f}; hidden {one.hidden.min():.2f} to {one.hidden.max():.2f}" for one in found]
        maps = tuple((title, one.hidden) for title, one in zip(titles, found, strict=True))
        hidden.append(Hidden(f"{name} ({number})", as_colours(picture[None])[0], maps, (size - stride) / 2))
        alike.append(correlation(found[0].hidden, found[1].hidden))
        for network, one in zip(networks, found, strict=True):
            rows.append(
                {"key": network.key, "network": network.label, "class": name, "picture": number, **_extremes(one)}
            )
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"The probability of the right class while a black patch of {size} × {size} pixels hides one part of the "
            "picture after another; each square of a map is where the middle of the patch is. Above a map: the "
            "probability of the whole picture, and the least and greatest with the patch. The pictures: of each "
            "class the first test picture (its number in brackets) that both networks read correctly, or else the "
            "first that one does, or else the first. The table: the probability of the whole picture, the least with "
            "the patch, at which share of the places it is below half of that of the whole, and how far the patch of "
            "the least is from the left and from the top, in pixels."
        ),
        alt="Small photographs, and below each two maps that are dark where a patch hides what makes it its class",
        data=data,
        table=Table.of(
            data,
            Column("class", "class"),
            Column("network", "network"),
            Column("whole", "whole picture", "right", "%", 1),
            Column("least", "least", "right", "%", 1),
            Column("lost", "halved at", "right", "%", 1),
            Column("where", "patch of the least", "right"),
        ),
        figure=occlusion_grid(hidden, [network.label for network in networks]),
        facts={
            "alike": dict(zip(classes, alike, strict=True)),
            "whole": {f"{row['key']} {row['class']}": row["whole"] for row in rows},
            "least": {f"{row['key']} {row['class']}": row["least"] for row in rows},
        },
    )


@needs(runs=1, model="notes-cnn", weights=1)
def tsne(context: ArtefactContext, *, pictures: TwoOrMore) -> Built:
    """Return t-SNE maps of the codes of the first ``pictures`` test pictures, which are placed on a grid, too."""
    dataset, networks = networks_of(context)
    test = dataset.splits["test"]
    count = min(pictures, len(test.targets))
    labels = np.asarray(test.targets[:count])
    pixels = np.asarray(test.inputs[:count])
    seed = derive_seed(context.settings.global_seed, context.settings.id, "t-sne")
    maps: list[PictureMap] = []
    frames: list[pd.DataFrame] = []
    agreements = {"pixels": {"read": neighbour_agreement(pixels.reshape(count, -1) / 255, labels, NEIGHBOURS)}}
    for network in networks:
        read = codes(network.subject, count)
        places = tsne_map(read, seed)
        cells = on_grid(places, round(count**0.5))
        agreements[network.key] = {
            "read": neighbour_agreement(read, labels, NEIGHBOURS),
            "map": neighbour_agreement(places, labels, NEIGHBOURS),
        }
        maps.append(PictureMap(network.label, places, labels, as_colours(pixels), cells))
        frames.append(_places_frame(network.label, places, cells, [dataset.classes[label] for label in labels]))
    names = {"pixels": "pixels, without a network", **{network.key: network.label for network in networks}}
    table = pd.DataFrame([{"what": names[key], "map": None, **found} for key, found in agreements.items()])
    return Built(
        caption=(
            f"The first {count} test pictures placed by t-SNE, so that pictures with similar codes are near each "
            f"other; a code is what the last layer reads, {read.shape[1]} values after ReLU. On the right, each "
            "picture is moved to a cell of a grid near its place. Neither axis has a meaning, and distances between "
            f"far places have little. The table: how many of a picture's {NEIGHBOURS} nearest are of its class, on "
            "average."
        ),
        alt="Points coloured by class that form groups, and grids of small photographs sorted in the same way",
        data=pd.concat(frames, ignore_index=True),
        table=Table.of(
            table,
            Column("what", "nearest by"),
            Column("read", "codes or pixels", "right", "%", 1),
            Column("map", "place on the map", "right", "%", 1),
        ),
        figure=picture_maps(maps, dataset.classes),
        facts={"agreements": agreements, "count": count, "classes": len(dataset.classes)},
    )


def first_right(targets: NDArray[np.int64], read: list[NDArray[np.int64]], label: int) -> int:
    """Return the first picture of a class that the most networks read correctly.

    Args:
        targets: right classes, shape (N,).
        read: classes that each network reads, shape (N,).
        label: the class, of which there is a picture.
    """
    votes = np.sum([(found == targets) for found in read], axis=0)
    return int(np.argmax(np.where(targets == label, votes, -1)))


def correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float | None:
    """Return the correlation of two maps over their places, or None if one of them is constant."""
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def _extremes(found: OcclusionMap) -> dict[str, Any]:
    row, column = np.unravel_index(found.hidden.argmin(), found.hidden.shape)
    return {
        "whole": found.whole,
        "least": float(found.hidden.min()),
        "lost": float((found.hidden < found.whole / 2).mean()),
        "where": f"{column * found.stride}, {row * found.stride}",
    }


def _places_frame(
    label: str, places: NDArray[np.float64], cells: NDArray[np.int64], classes: list[str]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "network": label,
            "picture": range(len(places)),
            "class": classes,
            "x": places[:, 0].round(3),
            "y": places[:, 1].round(3),
            "row": cells[:, 0],
            "column": cells[:, 1],
        }
    )
