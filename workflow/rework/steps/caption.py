"""Step ``caption``: let a trained decoder write a sentence about a picture."""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from rework.datasets.caption_files import WEIGHTS
from rework.datasets.captions import squeezed
from rework.datasets.store import StoredDataset, open_dataset
from rework.datasets.vocabulary import SPECIAL, UNKNOWN, decode
from rework.drawing.captioned_pictures import CaptionedPicture, attention_figure
from rework.drawing.saving import check_target, save_figure
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.formats.photographs import open_photograph
from rework.formats.torch_weights import read_weights
from rework.models.caption_encoder import CaptionEncoder
from rework.models.captions import CaptionDecoder
from rework.models.trained import load_trained
from rework.paths import dataset_dir, raw_dir
from rework.steps.trained_runs import EDITIONS, TrainedRun, find_trained
from rework.training.decoding import beam_search, greedy
from rework.training.determinism import make_deterministic

RUN = "fashion-captions/attention"
LONGEST = 22  # words, as when the run was measured
SHOWN = 384  # pixels a side of the picture in a drawing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("picture", type=Path, help="picture from above, in any format that Pillow reads")
    parser.add_argument("--run", default=RUN, help=f"run that writes, as <writeup>/<run> (default: {RUN})")
    parser.add_argument("--seed", type=int, help="one of its seeds (default: the first)")
    parser.add_argument("--edition", choices=EDITIONS, help="of the run (default: full, or else sample)")
    parser.add_argument("--beam", type=int, default=1, metavar="N", help="width of a beam search (default: 1, greedy)")
    parser.add_argument(
        "--maps", type=Path, metavar="FILE", help="draw what the decoder looks at for each word (.png, .svg or .pdf)"
    )


def main(arguments: argparse.Namespace) -> None:
    """Print the caption and, on standard error, what wrote it and how it saw the picture."""
    if not 1 <= arguments.beam <= 100:
        raise ConfigError(f"--beam: found {arguments.beam}, expected a whole number from 1 to 100")
    if arguments.maps is not None:
        check_target(arguments.maps, "--maps")
    if arguments.maps is not None and arguments.beam > 1:
        raise ConfigError("--maps: only the greedy caption has maps; leave out --beam")
    picture = Image.fromarray(open_photograph(arguments.picture))
    trained = find_trained(arguments.run, arguments.edition, arguments.seed, task="captions")
    dataset = open_dataset(dataset_dir(trained.results, trained.dataset.name))
    make_deterministic(trained.settings.threads)
    model = load_trained(trained.settings, trained.weights, dataset.classes)
    if not isinstance(model, CaptionDecoder):
        raise ConfigError(f"--run: {arguments.run} writes no captions; expected one with task: captions")
    model.eval()
    features, remark = _features(trained, dataset, picture)
    with torch.inference_mode():
        if arguments.beam > 1:
            numbers = beam_search(model, features, LONGEST, arguments.beam)[0].tolist()
        else:
            written = greedy(model, features, LONGEST)
            if arguments.maps is not None and not written.attention.shape[2]:
                raise ConfigError(f"--maps: {trained.settings.id} has no attention over the picture; try --run {RUN}")
            numbers = written.words[0].tolist()
    words = decode(numbers, dataset.classes)
    print(" ".join(words))
    if UNKNOWN in numbers:
        remark += f"; {SPECIAL[UNKNOWN]} is a word that the captions of its training do not have"
    print(f"written by {trained.named}{remark}", file=sys.stderr)
    if arguments.maps is not None:
        _draw(arguments.maps, arguments.picture.name, picture, words, written.attention[0], trained)


def _features(trained: TrainedRun, dataset: StoredDataset, picture: Image.Image) -> tuple[Tensor, str]:
    """Return the features of a picture, 1 x positions x channels, and a remark on what was done to it."""
    path = _encoder_weights(trained, dataset)
    encoder = CaptionEncoder(read_weights(path), str(path))
    side = encoder.family.side(math.isqrt(dataset.splits["test"].inputs.shape[1]))
    alone = bool(trained.dataset.options.get("batch_statistics")) and encoder.family.normalises
    pixels = torch.from_numpy(np.ascontiguousarray(squeezed(picture, side))).unsqueeze(0)
    remark = f"; the picture was seen at {side} × {side} pixels by {encoder.family.title}"
    if dataset.sample:
        remark += " with random weights"
    if alone:
        remark += ", normalised by itself alone and not, as in training, together with seven others"
    return encoder.encode(pixels, alone).half().float(), remark


def _encoder_weights(trained: TrainedRun, dataset: StoredDataset) -> Path:
    """Return the file with the encoder's weights, after checking that it is the one that made the data set.

    Raises:
        DataError: it is missing or another.
    """
    asset = next((asset for asset in dataset.info["assets"] if Path(asset["file"]).name == WEIGHTS), None)
    if asset is None:
        raise DataError(f"{dataset.directory}: made without {WEIGHTS}; this is no data set of captions")
    folder = raw_dir(trained.results, dataset.name) if dataset.sample else trained.data_dir
    path: Path = folder / asset["file"]
    if not path.is_file():
        raise DataError(f"{path}: no such file; the features of {dataset.name} were made with it")
    if sha256_file(path) != asset["sha256"]:
        raise DataError(f"{path}: not the file that the features of {dataset.name} were made with; make them again")
    return path


def _draw(
    target: Path, name: str, picture: Image.Image, words: list[str], attention: Tensor, trained: TrainedRun
) -> None:
    side = math.isqrt(attention.shape[1])
    maps = attention[: len(words)].double().numpy().reshape(-1, side, side)
    shown = CaptionedPicture(squeezed(picture, SHOWN), name, ((trained.named, " ".join(words)),), trained.named)
    figure = attention_figure(shown, words, maps)
    save_figure(figure, target)
    print(f"what it looked at: {target}", file=sys.stderr)
