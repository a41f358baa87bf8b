"""Captions of pictures in the form of Karpathy's ``dataset.json``.

Source: Karpathy and Fei-Fei, Deep Visual-Semantic Alignments for Generating Image Descriptions, CVPR 2015; the form is
that of the files published with it, and of many data sets since.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rework.errors import DataError
from rework.formats.decoding import declared, read_bounded
from rework.formats.member_names import short_name
from rework.formats.texts import decoded
from rework.messages import short_text

LARGEST = 500 * 2**20  # bytes; that of COCO, with 123,000 pictures, has 144 MB
SPLIT_NAMES: Mapping[str, str] = {"train": "train", "restval": "train", "val": "validation", "test": "test"}
"""The splits of such files, and what they are called here."""


@dataclass(frozen=True)
class CaptionedPicture:
    """A picture with its captions.

    Attributes:
        name: its file, without folders.
        split: train, validation or test.
        captions: the words of each.
        contents: what is in the picture, where the file says so (generated pictures).
    """

    name: str
    split: str
    captions: tuple[tuple[str, ...], ...]
    contents: tuple[str, ...] = ()


def read_captions(path: Path) -> tuple[CaptionedPicture, ...]:
    """Return the pictures that a file describes, in its order.

    Raises:
        DataError: it is missing, too large or no such file; a picture stands in it twice, or has no caption.
    """
    content = _parsed(path)
    entries = content.get("images") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{path}: expected an object with a list of images, as in Karpathy's dataset.json")
    pictures = tuple(_picture(entry, f"{path}: images[{place}]") for place, entry in enumerate(entries))
    seen: set[str] = set()
    for picture in pictures:
        if picture.name in seen:
            raise DataError(f"{path}: {short_name(picture.name)} stands there twice")
        seen.add(picture.name)
    return pictures


def _parsed(path: Path) -> Any:
    text = decoded(read_bounded(path, LARGEST), str(path))
    with declared(path, "no captions in JSON"):
        return json.loads(text)


def _picture(entry: Any, where: str) -> CaptionedPicture:
    if not isinstance(entry, dict):
        raise DataError(f"{where}: found {short_text(entry)}, expected an object")
    name, split, sentences = (entry.get(key) for key in ("filename", "split", "sentences"))
    if not isinstance(name, str) or not PurePosixPath(name).name or not _is_text(name):
        raise DataError(f"{where}.filename: found {short_text(name)}, expected the name of a file")
    if not isinstance(split, str) or split not in SPLIT_NAMES:
        raise DataError(f"{where}.split: found {short_text(split)}, expected {', '.join(SPLIT_NAMES)}")
    if not isinstance(sentences, list) or not sentences:
        raise DataError(f"{where}.sentences: expected at least one caption")
    contents = _words(entry.get("contents", []), f"{where}.contents")
    captions = tuple(_caption(sentence, f"{where}.sentences[{place}]") for place, sentence in enumerate(sentences))
    return CaptionedPicture(PurePosixPath(name).name, SPLIT_NAMES[split], captions, contents)


def _caption(sentence: Any, where: str) -> tuple[str, ...]:
    words = _words(sentence.get("tokens") if isinstance(sentence, dict) else None, f"{where}.tokens")
    if not words:
        raise DataError(f"{where}.tokens: expected at least one word")
    return words


def _words(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DataError(f"{where}: found {short_text(value)}, expected a list of texts")
    if any(word.split() != [word] for word in value):
        raise DataError(f"{where}: a word is empty or holds blanks")
    if not all(map(_is_text, value)):
        raise DataError(f"{where}: a word holds what is no character")
    return tuple(value)


def _is_text(value: str) -> bool:
    """Return whether a text can be stored: it has no half of a surrogate pair, and no zero, which ends texts."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
