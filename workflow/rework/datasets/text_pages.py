"""Storing photographs of text: their letters are found, grouped into lines and words, and cut out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.layouts import CROPS_FILE, PICTURES_FILE
from rework.datasets.photographs import TextPage
from rework.datasets.store import AssetRecord, write_description
from rework.evaluation.archive import write_npz
from rework.files import atomic_path
from rework.handwriting.listing import find_letters_as_listed
from rework.handwriting.pages import Page, read_page
from rework.settings.data import DatasetSettings

SHOWN_WIDTH = 900  # in pixels, of the pictures kept for figures


def write_dataset(
    directory: Path,
    raw: tuple[TextPage, ...],
    settings: DatasetSettings,
    *,
    assets: Sequence[AssetRecord] = (),
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the letters of all pages as one array, small pictures of the pages, and a description of both.

    Return the number of letters found on each page, as text.
    """
    pages = [read_page(text.picture, f"data set {settings.name}: page {text.name}") for text in raw]
    crops, pictures = directory / CROPS_FILE, directory / PICTURES_FILE
    with atomic_path(crops) as partial, partial.open("wb") as stream:
        np.save(stream, np.concatenate([page.crops for page in pages]), allow_pickle=False)
    write_npz(pictures, {text.name: small_picture(text.picture) for text in raw})
    described = [_description(text, page) for text, page in zip(raw, pages, strict=True)]
    write_description(directory, settings, [crops, pictures], assets, provenance, pages=described)
    found = ", ".join(f"{text.name} {len(page.boxes)}" for text, page in zip(raw, pages, strict=True))
    return f"letters found: {found}"


def small_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture scaled down to ``SHOWN_WIDTH``, for figures."""
    height, width = picture.shape[:2]
    if width <= SHOWN_WIDTH:
        return picture
    size = (SHOWN_WIDTH, round(height * SHOWN_WIDTH / width))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def _description(text: TextPage, page: Page) -> dict[str, Any]:
    return {
        "name": text.name,
        "height": text.picture.shape[0],
        "width": text.picture.shape[1],
        "truth": list(text.truth),
        "boxes": page.boxes.tolist(),
        # Found here, since the listing's sizes are in pixels of the whole picture, of which figures keep a small one.
        "listed_boxes": find_letters_as_listed(text.picture).tolist(),
        "lines": [[list(word.boxes) for word in line.words] for line in page.lines],
    }
