"""Step ``stylise``: draw the content of one picture of your own in the style of another."""

import argparse
import inspect
import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.picture_files import write_dataset
from rework.datasets.store import StoredDataset, open_dataset
from rework.errors import ConfigError, DataError
from rework.files import write_bytes
from rework.formats.photographs import open_photograph
from rework.paths import initial_weights_file
from rework.settings.data import DatasetSettings
from rework.settings.run import RunSettings, TaskSettings
from rework.steps.arguments import load_catalogue
from rework.steps.device_arguments import add_device_arguments, on_device
from rework.steps.trained_runs import EDITIONS, editions, home_of_results, run_name
from rework.training.checkpoint import CheckpointFile
from rework.training.interruption import Interrupted
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks import style_transfer
from rework.training.tasks.style_transfer import START_WORDS, StyleTransfer

RUN = "course-notes/style-final"
SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
SMALLEST, LARGEST = 32, 1024  # pixels of the shorter side
LONGEST = 2048
MOST_UPDATES = 100_000
NAME = "stylise"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("content", type=Path, help="picture whose content is kept, in any format that Pillow reads")
    parser.add_argument("style", type=Path, help="picture in whose style it is drawn")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write: .png or .jpg")
    parser.add_argument("--run", default=RUN, help=f"run whose settings are used, as <writeup>/<run> (default: {RUN})")
    parser.add_argument("--edition", choices=EDITIONS, help="of its network's weights (default: full, or else sample)")
    parser.add_argument("--size", type=int, default=256, metavar="N", help="pixels of the shorter side (default: 256)")
    parser.add_argument("--updates", type=int, metavar="N", help="of the picture (default: those of the run)")
    parser.add_argument("--alpha", type=float, metavar="X", help="weight of the content (default: that of the run)")
    parser.add_argument("--beta", type=float, metavar="X", help="weight of the style (default: that of the run)")
    parser.add_argument("--start", choices=START_WORDS, help="default: that of the run")
    add_device_arguments(parser)


@on_device
def main(arguments: argparse.Namespace, device: torch.device) -> None:
    """Write the picture, and on standard error how its losses fall."""
    output: Path = arguments.output
    _check(arguments)
    pictures = {name: open_photograph(getattr(arguments, name)) for name in ("content", "style")}
    settings, weights = _settings(arguments, pictures["content"].shape[:2])
    with tempfile.TemporaryDirectory() as folder:
        training = Training(settings, _stored(Path(folder), pictures), device, weights)
        task = training.task
        assert isinstance(task, StyleTransfer), "checked with the settings"
        progress = Progress(output.name, settings.epochs, training.total_steps, stream=sys.stderr)
        try:
            training.run(CheckpointFile(Path(folder) / "checkpoint", ""), progress)
        except Interrupted as interruption:
            progress.note(f"stopped by {interruption}; nothing was written")
            sys.exit(interruption.exit_status)
        finally:
            progress.close()
    content = io.BytesIO()
    picture = task.as_bytes()
    Image.fromarray(picture).save(content, SUFFIXES[output.suffix.lower()])
    write_bytes(output, content.getvalue())
    height, width = picture.shape[:2]
    print(f"{output}: {width} × {height} pixels after {training.steps_done} updates, settings of {arguments.run}")


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be done before anything is read."""
    output: Path = arguments.output
    if output.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"--output: {output} should end in .png, .jpg or .jpeg")
    if not output.parent.is_dir():
        raise DataError(f"{output.parent}: no such folder")
    for name, least, most in (("size", SMALLEST, LARGEST), ("updates", 1, MOST_UPDATES)):
        value = getattr(arguments, name)
        if value is not None and not least <= value <= most:
            raise ConfigError(f"--{name}: found {value}, expected a whole number from {least} to {most}")
    for name in ("alpha", "beta"):
        value = getattr(arguments, name)
        if value is not None and not 0 < value <= 1e12:
            raise ConfigError(f"--{name}: found {value:g}, expected a number above 0 and to 1e12")


def _settings(arguments: argparse.Namespace, shape: tuple[int, int]) -> tuple[RunSettings, Path]:
    """Return the settings of the transfer, which are those of a run but for what was asked for, and the weights.

    Raises:
        ConfigError: there is no such run, or it is none of style transfer.
        DataError: the weights of its network are not there, or the picture is too long.
    """
    writeup, name = run_name(arguments.run)
    catalogue = load_catalogue()
    for edition in editions(arguments.edition):
        run: RunSettings = catalogue.run(edition, writeup, name, 0)
        if run.task is None or run.task.name != "style-transfer" or run.initial is None:
            raise ConfigError(f"--run: {arguments.run} is no style transfer; expected one such as {RUN}")
        made = initial_weights_file(Path("results") / edition, run.initial.asset)
        weights = home_of_results() / made
        if weights.is_file():
            return _own(run, arguments, shape), weights
    remark = "" if arguments.edition else " with random values; for pretrained ones, replace 'sample' by 'full'"
    raise DataError(f"{weights}: no such file; 'snakemake --cores 1 {made}' makes it{remark}")


def _own(run: RunSettings, arguments: argparse.Namespace, shape: tuple[int, int]) -> RunSettings:
    """Return the settings of a run with this pair of pictures, their size, and the options that were given."""
    share = arguments.size / min(shape)
    height, width = (max(SMALLEST, round(share * side)) for side in shape)
    if max(height, width) > LONGEST:
        raise DataError(
            f"{arguments.content}: {width} × {height} pixels at --size {arguments.size} are too long; expected at most "
            f"{LONGEST}"
        )
    assert run.task is not None
    options: dict[str, Any] = {key: getattr(arguments, key) for key in ("alpha", "beta", "start")}
    given = {key: value for key, value in options.items() if value is not None}
    task: dict[str, Any] = {**run.task.parameters, "start": _start(run), **given, "pairs": (("content", "style"),)}
    steps = int(task.get("steps", inspect.signature(style_transfer.build).parameters["steps"].default))
    updates = arguments.updates or (run.max_steps or run.epochs * steps)
    return replace(
        run,
        model=replace(run.model, parameters={**run.model.parameters, "height": height, "width": width}),
        task=TaskSettings(run.task.name, task),
        data=replace(run.data, dataset=NAME),
        epochs=-(-updates // steps),
        max_steps=updates,
    )


def _start(run: RunSettings) -> str:
    """Return where a run's pictures start; another picture of its data set is not there."""
    assert run.task is not None
    start = str(run.task.parameters.get("start", "content"))
    return start if start in START_WORDS else "content"


def _stored(folder: Path, pictures: dict[str, NDArray[np.uint8]]) -> StoredDataset:
    """Write the two pictures as a data set and open it."""
    write_dataset(folder, pictures, DatasetSettings(NAME, False, (), layout="pictures"))
    return open_dataset(folder)
