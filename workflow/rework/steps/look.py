"""Step ``look``: draw what a trained network contains, or what it makes of a picture."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from safetensors.numpy import load_file

from rework.datasets.store import StoredDataset, open_dataset
from rework.drawing import network_views as views
from rework.drawing.saving import check_target, save_figure
from rework.errors import ConfigError, DataError
from rework.formats.photographs import open_photograph
from rework.inspection import codes, kernels
from rework.inspection.maximal import seen_by, strongest
from rework.inspection.occlusion import occlusion_map
from rework.inspection.pictures import fitted
from rework.inspection.stages import on_blank, stages
from rework.inspection.subject import Subject, subject_of
from rework.paths import dataset_dir
from rework.recorded import verified_sha256
from rework.steps.trained_runs import EDITIONS, find_trained
from rework.training.determinism import make_deterministic

MOST_MAPS = 64  # shown of a layer
MOST_UNITS = 256
SEARCHED = 2000  # test pictures among which the favourites are
FAVOURITES, UNITS, LAYERS = 8, 3, 4  # pictures of a unit, units of a layer, layers
MAPPED = 500  # test pictures on the map
PATCHES, STEPS = 4, 16  # a patch is a fourth of the smaller side, and moves by a sixteenth


@dataclass(frozen=True)
class Scene:
    """What is looked at: a network, its data set, and a picture (bytes C x H x W) with its name for readers."""

    subject: Subject
    dataset: StoredDataset
    picture: NDArray[np.uint8]
    name: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("--run", required=True, help="trained run to look into, as <writeup>/<run>")
    parser.add_argument("--seed", type=int, help="one of its seeds (default: the first)")
    parser.add_argument("--edition", choices=EDITIONS, help="of the run (default: full, or else sample)")
    parser.add_argument("--what", choices=VIEWS, default="activations", help="what to draw (default: activations)")
    parser.add_argument("--image", type=Path, help="picture of your own (default: the first test picture)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write: .png, .svg or .pdf")


def main(arguments: argparse.Namespace) -> None:
    """Write the figure, and print what it shows."""
    output: Path = arguments.output
    check_target(output, "--output")
    view, shows_picture = VIEWS[arguments.what]
    if arguments.image is not None and not shows_picture:
        raise ConfigError(f"--image: {arguments.what} of a network are not about one picture; leave it out")
    own = None if arguments.image is None else open_photograph(arguments.image)
    run = find_trained(arguments.run, arguments.edition, arguments.seed)
    make_deterministic(run.settings.threads)
    dataset = open_dataset(dataset_dir(run.results, run.settings.data.dataset))
    verified_sha256(run.weights)
    subject = subject_of(run.settings, load_file(run.weights), dataset)
    if own is None:
        scene = Scene(subject, dataset, np.asarray(dataset.splits["test"].inputs[0]), "test picture 0")
    else:
        scene = Scene(subject, dataset, fitted(own, subject.shape), arguments.image.name)
    save_figure(view(scene), output)
    print(f"{output}: {arguments.what} of {run.named}{_reading(scene) if shows_picture else ''}")


def _reading(scene: Scene) -> str:
    """Return which classes the network sees in the picture, in words."""
    if not scene.subject.classes:
        return f", for {scene.name}"
    found = scene.subject.probabilities(scene.picture[None])[0]
    best = np.argsort(-found, kind="stable")[:3]
    shares = ", ".join(f"{scene.subject.classes[label]} {100 * found[label]:.1f} %" for label in best)
    return f"; {scene.name} is read as {shares}"


def _activations(scene: Scene) -> Figure:
    picture = views.as_colours(scene.picture[None])
    bands = [views.Band(scene.name, picture, 10)]
    for stage in stages(scene.subject, scene.subject.scaled(scene.picture[None])):
        values = stage.outputs[0].numpy()
        maps = values[:MOST_MAPS] if values.ndim == 3 else values[:MOST_UNITS].reshape(-1, 1, 1)
        kind = f"maps of {maps.shape[2]} × {maps.shape[1]}" if values.ndim == 3 else "values"
        shown = f"{len(maps)} of {len(values)}" if len(maps) < len(values) else f"{len(values)}"
        title = f"{stage.layer}: {shown} {kind}, {maps.min():.2f} (black) to {maps.max():.2f} (white)"
        if values.ndim == 3:
            bands.append(views.Band(title, views.as_greys(maps), min(len(maps), 32)))
        else:
            bands.append(views.Band(title, views.at_side(views.as_greys(maps), 6), 64))
    return views.picture_bands(bands)


def _kernels(scene: Scene) -> Figure:
    found = kernels.first_weights(scene.subject)
    weights = found.weights[:MOST_UNITS]
    coloured = kernels.as_colours(weights) if weights.shape[1] == 3 else views.signed_colours(weights[:, 0])
    words = "red, green and blue; grey is zero" if weights.shape[1] == 3 else "violet is negative, orange positive"
    channels = "" if weights.shape[1] in (1, 3) else ", first channel"
    title = f"weights of {found.layer}, {len(weights)} of {len(found.weights)}{channels} ({words})"
    return views.picture_bands([views.Band(title, coloured, min(16, len(coloured)))])


def _maximal(scene: Scene) -> Figure:
    names = [stage.layer for stage in on_blank(scene.subject)]
    hidden = names[:-1] or names
    chosen = tuple(dict.fromkeys(hidden[round(place)] for place in np.linspace(0, len(hidden) - 1, LAYERS)))
    inputs = scene.dataset.splits["test"].inputs
    shown = []
    for found in strongest(scene.subject, chosen, min(FAVOURITES, len(inputs)), SEARCHED):
        alive = np.flatnonzero(found.values.max(axis=1) > found.values.min(axis=1))
        for unit in alive[:UNITS]:
            pictures = views.as_colours(np.asarray(inputs[found.pictures[unit]]))
            seen = seen_by(scene.subject, found, int(unit))
            shown.append(views.Favourites(f"{found.layer}, {unit + 1}", pictures, seen))
    if not shown:
        raise DataError(f"{scene.subject.name}: no unit of {', '.join(chosen)} tells the test pictures apart")
    return views.favourite_rows([("test pictures that activate some units most", shown)], cell=0.6)


def _occlusion(scene: Scene) -> Figure:
    label = int(scene.subject.probabilities(scene.picture[None])[0].argmax())
    side = min(scene.subject.shape[1:])
    size, stride = max(1, side // PATCHES), max(1, side // STEPS)
    found = occlusion_map(scene.subject, scene.picture, label, size=size, stride=stride)
    reach = f"{found.hidden.min():.2f} to {found.hidden.max():.2f}"
    title = f"{scene.subject.classes[label]}: {found.whole:.2f}; hidden {reach}"
    picture = views.as_colours(scene.picture[None])[0]
    hidden = views.Hidden(scene.name, picture, ((title, found.hidden),), (size - stride) / 2)
    return views.occlusion_grid([hidden], [scene.subject.name])


def _tsne(scene: Scene) -> Figure:
    test = scene.dataset.splits["test"]
    read = codes.codes(scene.subject, MAPPED)
    places = codes.tsne_map(read, seed=0)
    labels, pixels = np.asarray(test.targets[: len(read)]), np.asarray(test.inputs[: len(read)])
    cells = codes.on_grid(places, columns=round(len(read) ** 0.5))
    title = f"{len(read)} test pictures by their codes of {read.shape[1]} values"
    return views.picture_maps(
        [views.PictureMap(title, places, labels, views.as_colours(pixels), cells)], scene.dataset.classes
    )


# What can be drawn, and whether it is about one picture.
VIEWS: Mapping[str, tuple[Callable[[Scene], Figure], bool]] = {
    "activations": (_activations, True),
    "kernels": (_kernels, False),
    "maximal": (_maximal, False),
    "occlusion": (_occlusion, True),
    "tsne": (_tsne, False),
}
