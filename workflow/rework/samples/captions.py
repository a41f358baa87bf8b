"""The embedded sample of pictures with captions: drawn scenes from above, in the form of Karpathy's ``dataset.json``.

Beside what that form has, each picture has a list ``contents``: the kinds of things in it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.caption_files import DESCRIPTIONS, PICTURES, WEIGHTS
from rework.datasets.options import positive_count
from rework.errors import ConfigError
from rework.files import write_json
from rework.formats.zip_archive import write_zip
from rework.samples.aerial_captions import captions
from rework.samples.aerial_scenes import SIZE, TYPES, Scene, draw_scene
from rework.samples.random_encoder import write_random_encoder
from rework.seeds import derive_seed

SPLITS: Mapping[str, str] = {"train": "train", "validation": "val", "test": "test"}
"""The options for the numbers of pictures, and what Karpathy calls their splits."""
LEAST_SIZE = 32  # of a picture in pixels; on a smaller one nothing can be told apart


@dataclass(frozen=True)
class Described:
    """A picture, (size, size, 3), with what is in it and its captions."""

    scene: Scene
    picture: NDArray[np.uint8]
    captions: tuple[str, ...]


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write captions, pictures and an encoder into ``raw``. The same seed and options give the same bytes.

    Args:
        raw: folder for the files.
        seed: seed of all random numbers.
        options: ``train``, ``validation`` and ``test``, the numbers of pictures; ``size``, their side in pixels.

    Raises:
        ConfigError: a number is missing or not positive, or the pictures would be too small.
    """
    where = "the sample of the captions"
    counts = {split: positive_count(options, split, where) for split in SPLITS}
    size = positive_count(options, "size", where, default=SIZE)
    if size < LEAST_SIZE:
        raise ConfigError(f"{where}: option size is {size}, expected at least {LEAST_SIZE} pixels")
    drawn = [
        (split, described)
        for split, count in counts.items()
        for described in draw_split(count, derive_seed(seed, split), size)
    ]
    images = [_entry(number, SPLITS[split], described) for number, (split, described) in enumerate(drawn)]
    write_json(raw / DESCRIPTIONS, {"dataset": "aerial-scenes", "images": images})
    write_zip(
        raw / PICTURES,
        ((f"imgs/{_file(number)}", _png(described.picture)) for number, (_, described) in enumerate(drawn)),
    )
    write_random_encoder(raw / WEIGHTS, derive_seed(seed, "encoder"))


def draw_split(count: int, seed: int, size: int = SIZE) -> list[Described]:
    """Return pictures with captions, with all types of scenes equally frequent, in random order."""
    random = np.random.default_rng(seed)
    drawn = []
    for kind in random.permutation(np.arange(count) % len(TYPES)):
        scene, picture = draw_scene(TYPES[kind], random, size)
        drawn.append(Described(scene, picture, captions(scene, random)))
    return drawn


def _entry(number: int, split: str, described: Described) -> dict[str, Any]:
    """Return what ``dataset.json`` says of a picture; pictures and sentences are numbered from 0."""
    first = number * len(described.captions)
    return {
        "filename": _file(number),
        "imgid": number,
        "split": split,
        "sentids": [first + place for place in range(len(described.captions))],
        "sentences": [
            {"tokens": caption.split(), "raw": caption, "imgid": number, "sentid": first + place}
            for place, caption in enumerate(described.captions)
        ],
        "contents": list(described.scene.kinds),
    }


def _file(number: int) -> str:
    return f"{number + 1}.png"


def _png(picture: NDArray[np.uint8]) -> bytes:
    content = io.BytesIO()
    # Grain hardly compresses, and how much depends on the library that Pillow was built with.
    Image.fromarray(picture).save(content, "PNG", compress_level=0)
    return content.getvalue()
