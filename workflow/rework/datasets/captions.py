"""Pictures with captions: features of a frozen encoder for each picture, and the captions as numbers of words.

As in the course: every caption of a picture is an example; lower case; the vocabulary is every word of the training
captions, with four of its own for padding, start, end and words that it lacks; nothing is left out for being rare.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.caption_files import DESCRIPTIONS, PICTURES, WEIGHTS
from rework.datasets.options import check_names, positive_count
from rework.datasets.store import Arrays, RawSplits
from rework.datasets.vocabulary import SPECIAL, encode, vocabulary_of
from rework.errors import ConfigError, DataError
from rework.formats.karpathy import CaptionedPicture, read_captions
from rework.formats.member_names import member_path, short_name
from rework.formats.photographs import photograph_from
from rework.formats.torch_weights import read_weights
from rework.formats.zip_archive import read_zip_members
from rework.models.caption_encoder import CHANNELS, CaptionEncoder
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count, Grid, Side

LARGEST = 50 * 2**20  # bytes of one picture
# The last three are read by the sample generator.
OPTIONS = {"grid": Grid, "shown": Side, "batch_statistics": bool, "train": Count, "validation": Count, "test": Count}
# A single picture is left over by the last group of many data sets, and one number has no deviation.
NEVER = {"grid": 1, "batch_statistics": True}
# As in the course, whose batch normalisation thereby sees eight pictures at a time.
PICTURES_AT_ONCE = 8


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read captions and pictures, and compute the features of every picture that has captions.

    Raises:
        DataError: a file is missing or damaged, a picture is missing, a split is empty, or the features are too large.
        ConfigError: an option is unknown or has a wrong value.
    """
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    grid, shown = (positive_count(settings.options, name, where) for name in ("grid", "shown"))
    batch_statistics = settings.options.get("batch_statistics", False)
    if not isinstance(batch_statistics, bool):
        raise ConfigError(f"{where}: option batch_statistics is {batch_statistics!r}, expected true or false")
    described = read_captions(raw / DESCRIPTIONS)
    encoder = CaptionEncoder(read_weights(raw / WEIGHTS), str(raw / WEIGHTS))
    side = encoder.family.side(grid)
    parts = _by_split(raw / DESCRIPTIONS, described)
    sized, small = _pictures(raw / PICTURES, described, side, shown)
    features = np.empty((len(described), grid * grid, CHANNELS), np.float16)
    for rows in _pieces(_mixed(parts, settings) if batch_statistics else parts):
        found = encoder.encode(torch.from_numpy(sized[rows]), batch_statistics).half()
        if not found.isfinite().all():
            raise DataError(f"{raw / WEIGHTS}: gives features that are no finite numbers in half precision")
        features[rows] = found.numpy()
    words = vocabulary_of(caption for picture in described if picture.split == "train" for caption in picture.captions)
    return RawSplits(
        splits={split: _arrays(described, rows, words, features, small) for split, rows in parts.items()},
        classes=words,
        notes=(
            f"{encoder.family.title} turns each picture, at {side} × {side} pixels, into {grid} × {grid} positions of "
            f"{CHANNELS} channels{_normalisation(encoder, batch_statistics)}.",
            *(["The weights of that network are drawn at random: it has learned nothing."] if settings.sample else []),
            f"The vocabulary has {len(words)} words, {len(SPECIAL)} of them for padding, start, end and unknown words.",
        ),
    )


def _normalisation(encoder: CaptionEncoder, batch_statistics: bool) -> str:
    if encoder.family.normalises and batch_statistics:
        return f"; its batch normalisation uses the mean and deviation of {PICTURES_AT_ONCE} pictures at a time"
    return ""


def _mixed(parts: Mapping[str, list[int]], settings: DatasetSettings) -> Mapping[str, list[int]]:
    """Return the pictures of each split in random order, which decides what their features depend on."""
    random = np.random.default_rng(derive_seed(settings.global_seed, settings.name, "order"))
    return {split: random.permutation(rows).tolist() for split, rows in parts.items()}


def _pieces(parts: Mapping[str, list[int]]) -> Iterable[list[int]]:
    """Yield the pictures that are encoded together, which are always of one split."""
    for rows in parts.values():
        yield from (rows[start : start + PICTURES_AT_ONCE] for start in range(0, len(rows), PICTURES_AT_ONCE))


def _pictures(
    archive: Path, described: Sequence[CaptionedPicture], side: int, shown: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return all described pictures in two sizes, bytes N x 3 x side x side and N x 3 x shown x shown.

    A picture is found by the part of its name before the suffix, so that archives may hold another format.
    """
    places = {member_path(picture.name).stem: place for place, picture in enumerate(described)}
    if len(places) != len(described):
        raise DataError(f"{archive}: two of the described pictures differ in nothing but the suffix of their names")
    sized, small = (np.empty((len(described), 3, size, size), np.uint8) for size in (side, shown))
    missing = set(places)
    for name, content in read_zip_members(archive, lambda name: _key(name) in places, LARGEST):
        if _key(name) not in missing:
            raise DataError(f"{archive}: holds the picture {short_name(name.stem)} twice")
        missing.remove(_key(name))
        picture = Image.fromarray(photograph_from(content, f"{archive}: {short_name(name)}"))
        for target, size in ((sized, side), (small, shown)):
            target[places[_key(name)]] = squeezed(picture, size)
    if missing:
        more = f", nor {len(missing) - 1} more of those described" if len(missing) > 1 else ""
        raise DataError(f"{archive}: no picture {short_name(sorted(missing)[0])}{more}")
    return sized, small


def squeezed(picture: Image.Image, size: int) -> NDArray[np.uint8]:
    """Return a whole picture at size × size pixels, as bytes 3 x size x size; one of that size stays as it is."""
    if picture.size != (size, size):
        picture = picture.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(picture).transpose(2, 0, 1)


def _key(name: PurePosixPath) -> str:
    """Return what identifies a picture in an archive; nothing for what other systems leave beside pictures."""
    hidden = name.name.startswith(".") or name.suffix.lower() in ("", ".json", ".txt")
    return "" if hidden else name.stem


def _by_split(path: Path, described: Sequence[CaptionedPicture]) -> Mapping[str, list[int]]:
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for place, picture in enumerate(described):
        parts[picture.split].append(place)
    for split, rows in parts.items():
        if not rows:
            raise DataError(f"{path}: no picture is in the split {split}")
    return parts


def _arrays(
    described: Sequence[CaptionedPicture],
    rows: Sequence[int],
    words: Sequence[str],
    features: NDArray[np.float16],
    small: NDArray[np.uint8],
) -> Arrays:
    """Return the arrays of a split in the order of the layout ``captions``."""
    chosen = [described[row] for row in rows]
    longest = max(len(caption) for picture in described for caption in picture.captions) + 2
    captions = [caption for picture in chosen for caption in picture.captions]
    return (
        features[rows],
        np.stack([encode(caption, words, longest) for caption in captions]),
        np.repeat(np.arange(len(chosen)), [len(picture.captions) for picture in chosen]),
        small[rows],
        np.array([" ".join(caption).lower() for caption in captions]),
        np.array([picture.name for picture in chosen]),
        np.array([" ".join(picture.contents) for picture in chosen]),
    )
