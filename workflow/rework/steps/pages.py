"""Step ``pages``: find the letters on pages of text, group them into lines and words, and cut them out."""

import argparse
import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.datasets.photographs import TextPage
from rework.errors import ConfigError
from rework.evaluation.archive import write_npz
from rework.files import atomic_path, sha256_file, write_json
from rework.page_paths import PAGE_ARRAYS
from rework.paths import dataset_dir, raw_dir
from rework.provenance import code_fingerprint, lock_hash
from rework.reading.pages import Page, read_page
from rework.settings.data import DatasetSettings
from rework.steps.arguments import add_settings_arguments, load_catalog, results_dir, settings_json
from rework.steps.preprocess import generated_files, raw_files

SHOWN_WIDTH = 900  # of the pictures that are kept for figures, in pixels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "data set of pages")
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")


def main(arguments: argparse.Namespace) -> None:
    """Write the letters of all pages as one array, small pictures of the pages, and a description of both."""
    value = settings_json(arguments)
    data_dir: Path | None = arguments.data_dir
    if value is None:
        catalog = load_catalog()
        settings: DatasetSettings = catalog.dataset(arguments.edition, arguments.name)
        data_dir = data_dir or catalog.config.data_dir
    else:
        settings = DatasetSettings.from_json(value)
    results = results_dir(arguments)
    if settings.sample:
        raw = raw_dir(results, settings.name)
        assets = generated_files(raw)
    else:
        if data_dir is None:
            raise ConfigError("pages: --settings of the full edition need --data-dir")
        raw, assets = raw_files(settings, data_dir)
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
                "lock": lock_hash(),
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
