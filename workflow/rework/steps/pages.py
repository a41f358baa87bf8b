"""Step ``pages``: find the letters on pages of text, group them into lines and words, and cut them out."""

import argparse
import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.photographs import TextPage
from rework.evaluation.archive import write_npz
from rework.files import atomic_path, sha256_file, write_json
from rework.handwriting.pages import Page, read_page
from rework.page_paths import PAGE_ARRAYS
from rework.paths import dataset_dir
from rework.provenance import code_fingerprint, packages_hash
from rework.steps.arguments import results_dir
from rework.steps.raw_arguments import add_raw_arguments, dataset_and_files

SHOWN_WIDTH = 900  # of the pictures that are kept for figures, in pixels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_raw_arguments(parser, "data set of pages")


def main(arguments: argparse.Namespace) -> None:
    """Write the letters of all pages as one array, small pictures of the pages, and a description of both."""
    settings, raw, assets = dataset_and_files(arguments)
    results = results_dir(arguments)
    texts: tuple[TextPage, ...] = importlib.import_module(settings.module).read(raw, settings)
    pages = [read_page(text.picture) for text in texts]
    folder = dataset_dir(results, settings.name)
    crops, pictures = (folder / name for name in PAGE_ARRAYS)
    with atomic_path(crops) as partial, partial.open("wb") as stream:
        np.save(stream, np.concatenate([page.crops for page in pages]), allow_pickle=False)
    write_npz(pictures, {text.name: small_picture(text.picture) for text in texts})
    write_json(
        folder / "dataset.json",
        {
            "name": settings.name,
            "sample": settings.sample,
            "assets": [vars(asset) for asset in assets],
            "notes": [],
            "pages": [_description(text, page) for text, page in zip(texts, pages, strict=True)],
            "provenance": {
                "step": "pages",
                "code": code_fingerprint("rework.steps.pages", settings.module),
                "packages": packages_hash("handwriting"),
                "outputs": {path.name: sha256_file(path) for path in (crops, pictures)},
            },
        },
    )
    counts = ", ".join(f"{text.name} {len(page.boxes)}" for text, page in zip(texts, pages, strict=True))
    print(f"{settings.name}: letters found: {counts}, in {folder}", flush=True)


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
        "lines": [[list(word.boxes) for word in line.words] for line in page.lines],
    }
