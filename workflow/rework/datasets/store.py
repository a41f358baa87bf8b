"""Preprocessed data sets on disk: memory-mapped arrays per split, and ``dataset.json`` to describe them.

The data set's layout says which arrays a split has (see ``layouts``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import INFO_FILE, LAYOUTS, Layout, array_file
from rework.errors import DataError
from rework.files import atomic_path, sha256_file
from rework.recorded import check_sha256, read_record, remedy, write_record
from rework.settings.data import DatasetSettings

Arrays = tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class RawSplits:
    """What a data set's module reads from the raw files.

    ``splits`` maps train, validation and, unless its layout has none, test to their arrays, in the order of the layout;
    for ``examples``, inputs and targets. ``classes`` names the classes that the targets number, and is empty for other
    targets. ``notes`` are sentences about the data for the report.
    """

    splits: Mapping[str, Arrays]
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AssetRecord:
    """A raw file that a data set was made from; ``substitute`` is a sentence on what replaces it, if anything.

    ``comparable`` is False if published values cannot be judged with it.
    """

    id: str
    file: str
    sha256: str
    substitute: str | None
    comparable: bool


@dataclass(frozen=True)
class StoredSplit:
    """The arrays of one split by name, read-only views of the files."""

    arrays: Mapping[str, NDArray[Any]]

    @property
    def inputs(self) -> NDArray[Any]:
        """What a model reads, one row per example; for pictures, uint8 N×C×H×W."""
        return self.arrays["inputs"]

    @property
    def targets(self) -> NDArray[Any]:
        """What is to be learnt about each example: class numbers (int64, N), or other numbers (float32)."""
        return self.arrays["targets"]

    @property
    def offsets(self) -> NDArray[np.int64] | None:
        """Bounds of the words that the examples form (int64, words + 1), or None."""
        return self.arrays.get("offsets")


@dataclass(frozen=True)
class StoredDataset:
    """A preprocessed data set.

    ``mean`` and ``std`` are per channel, of the training split scaled to 0..1; empty if the inputs are not pictures.
    ``info`` is the content of ``dataset.json``, and ``sha256`` the hash of that file, which covers all arrays because
    it contains their hashes.
    """

    directory: Path
    name: str
    layout: str
    sample: bool
    classes: tuple[str, ...]
    splits: Mapping[str, StoredSplit]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    info: Mapping[str, Any]
    sha256: str


def write_dataset(
    directory: Path,
    raw: RawSplits,
    settings: DatasetSettings,
    *,
    assets: Sequence[AssetRecord] = (),
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the arrays and ``dataset.json`` of a data set, and return its sizes as text.

    Equal arguments give equal bytes.

    Raises:
        DataError: a split is missing, empty, or does not match the data set's layout, a target is not a class, or the
            splits differ in the shape of an example.
    """
    layout = LAYOUTS[settings.layout]
    named = _named(raw, layout, settings.name)
    # Everything is checked before anything is written.
    sizes = {split: _sizes(arrays, layout, raw.classes, settings.name, split) for split, arrays in named.items()}
    splits = {
        split: {
            **sizes[split],
            **{name: _write_array(directory / array_file(split, name), array) for name, array in arrays.items()},
        }
        for split, arrays in named.items()
    }
    mean, std = channel_statistics(next(iter(named["train"].values())))
    write_record(
        directory / INFO_FILE,
        {
            "name": settings.name,
            "layout": settings.layout,
            "sample": settings.sample,
            "classes": list(raw.classes),
            "splits": splits,
            "mean": mean,
            "std": std,
            "assets": [vars(asset) for asset in assets],
            "notes": list(raw.notes),
            "provenance": dict(provenance or {}),
        },
    )
    return ", ".join(f"{split} {found['count']}" for split, found in sizes.items())


def write_description(
    directory: Path,
    settings: DatasetSettings,
    files: Sequence[Path],
    assets: Sequence[AssetRecord],
    provenance: Mapping[str, Any] | None,
    **content: Any,
) -> None:
    """Write ``dataset.json`` of a data set without splits.

    Args:
        directory: its folder.
        settings: the data set.
        files: what it consists of, written before.
        assets: the raw files that it was made from.
        provenance: how it was made, to which the hashes of the files are added.
        content: what the layout says of it besides.
    """
    write_record(
        directory / INFO_FILE,
        {
            "name": settings.name,
            "layout": settings.layout,
            "sample": settings.sample,
            "assets": [vars(asset) for asset in assets],
            "notes": [],
            **content,
            "provenance": {**(provenance or {}), "outputs": {path.name: sha256_file(path) for path in files}},
        },
    )


def open_dataset(directory: Path) -> StoredDataset:
    """Open a preprocessed data set; its arrays are memory-mapped and read only when used.

    One whose layout has no arrays has neither splits nor classes.

    Raises:
        DataError: ``dataset.json`` or an array is missing or damaged, or an array has the wrong shape or type.
    """
    path = directory / INFO_FILE
    info = read_record(path)
    try:
        layout = LAYOUTS[info["layout"]]
        split = bool(layout.arrays)
        return StoredDataset(
            directory=directory,
            name=info["name"],
            layout=info["layout"],
            sample=info["sample"],
            classes=tuple(info["classes"]) if split else (),
            splits={name: _open_split(directory, info, name) for name in layout.splits} if split else {},
            mean=tuple(info["mean"]) if split else (),
            std=tuple(info["std"]) if split else (),
            info=info,
            sha256=sha256_file(path),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not the description of a data set ({error!r}); {remedy(path)}") from None


def verify_split(dataset: StoredDataset, split: str) -> None:
    """Check that the arrays of a split are those described in ``dataset.json``.

    Raises:
        DataError: one is not; the message names its file.
    """
    for name in dataset.splits[split].arrays:
        described = dataset.info["splits"][split][name]
        check_sha256(dataset.directory / described["file"], described["sha256"], INFO_FILE)


def channel_statistics(inputs: NDArray[Any]) -> tuple[list[float], list[float]]:
    """Return the mean and the population standard deviation per channel of N×C×H×W bytes scaled to 0..1.

    They are computed in whole numbers from counts of the 256 values, so the order of summation cannot change them.
    For inputs that are not pictures, both are empty.
    """
    means: list[float] = []
    deviations: list[float] = []
    levels = range(256)
    for channel in range(inputs.shape[1]) if inputs.dtype == np.uint8 and inputs.ndim == 4 else ():
        counts = np.bincount(inputs[:, channel].ravel(), minlength=256).tolist()
        number = sum(counts)
        total = sum(level * count for level, count in zip(levels, counts, strict=True))
        squares = sum(level * level * count for level, count in zip(levels, counts, strict=True))
        means.append(total / number / 255)
        deviations.append(math.sqrt(number * squares - total * total) / number / 255)
    return means, deviations


def _named(raw: RawSplits, layout: Layout, dataset: str) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the arrays of each split by name, after checking that all splits exist and are alike."""
    if set(raw.splits) != set(layout.splits):
        raise DataError(f"data set {dataset}: splits {sorted(raw.splits)}, expected {list(layout.splits)}")
    for split, arrays in raw.splits.items():
        if len(arrays) != len(layout.arrays):
            expected = ", ".join(layout.arrays)
            raise DataError(f"data set {dataset}, split {split}: {len(arrays)} arrays, expected {expected}")
    named = {split: dict(zip(layout.arrays, raw.splits[split], strict=True)) for split in layout.splits}
    for name in layout.arrays:
        shapes = {split: arrays[name].shape[1:] for split, arrays in named.items()}
        if len(set(shapes.values())) > 1:
            raise DataError(f"data set {dataset}: {name} differ in shape between splits: {shapes}")
    return named


def _sizes(
    arrays: Mapping[str, NDArray[Any]], layout: Layout, classes: tuple[str, ...], dataset: str, split: str
) -> dict[str, Any]:
    """Check the arrays of a split, and return the sizes for ``dataset.json``."""
    where = f"data set {dataset}, split {split}"
    lengths = _lengths(arrays, layout, where)
    sizes: dict[str, Any] = {key: lengths[dimension] for key, dimension in layout.counts.items()}
    if not classes:
        return sizes
    counted = _per_class(arrays["targets"], classes, where, any_shape=layout.arrays["targets"].shape[-1] != "...")
    return {**sizes, "per_class": counted}


def _lengths(arrays: Mapping[str, NDArray[Any]], layout: Layout, where: str) -> dict[str, int]:
    """Check the arrays of a split against their layout, and return the lengths of its named dimensions."""
    lengths: dict[str, int] = {}
    for name, array in arrays.items():
        expected = layout.arrays[name]
        dimensions = expected.shape[:-1] if expected.shape[-1] == "..." else expected.shape
        fits = array.ndim >= len(dimensions) if dimensions != expected.shape else array.ndim == len(dimensions)
        if _type(array) not in expected.dtypes or not fits:
            raise DataError(
                f"{where}: {name} are {array.dtype} {array.shape}, expected {' or '.join(expected.dtypes)} "
                f"({', '.join(expected.shape)})"
            )
        for dimension, length in zip(dimensions, array.shape, strict=False):
            symbol, plus, more = dimension.partition(" + ")
            found = length - int(more) if plus else length
            if lengths.setdefault(symbol, found) != found:
                raise DataError(f"{where}: {name} are {array.shape}, expected {lengths[symbol]} {symbol}")
        if not array.size:
            raise DataError(f"{where}: {name} hold nothing")
    for name, dimension in layout.bounds.items():
        if arrays[name][0] != 0 or arrays[name][-1] != lengths[dimension] or (np.diff(arrays[name]) < 1).any():
            raise DataError(f"{where}: {name} do not go up from 0 to {lengths[dimension]} with no piece empty")
    return lengths


def _type(array: NDArray[Any]) -> str:
    return "text" if array.dtype.kind == "U" else str(array.dtype)


def _per_class(targets: NDArray[Any], classes: tuple[str, ...], where: str, any_shape: bool) -> list[int]:
    """Return how often each class occurs, after checking that the targets are classes: ``any_shape``, or one each."""
    if targets.dtype != np.int64 or (targets.ndim != 1 and not any_shape):
        raise DataError(f"{where}: targets are {targets.dtype} {targets.shape}, expected the numbers of classes, int64")
    if targets.min() < 0 or targets.max() >= len(classes):
        raise DataError(f"{where}: targets from {targets.min()} to {targets.max()}, expected 0 to {len(classes) - 1}")
    counted: list[int] = np.bincount(targets.ravel(), minlength=len(classes)).tolist()
    return counted


def _open_split(directory: Path, info: Mapping[str, Any], split: str) -> StoredSplit:
    described = info["splits"][split]
    return StoredSplit({name: _open_array(directory, described[name]) for name in LAYOUTS[info["layout"]].arrays})


def _write_array(path: Path, array: NDArray[Any]) -> dict[str, Any]:
    with atomic_path(path) as partial, partial.open("wb") as stream:
        np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
    return {
        "file": path.name,
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "sha256": sha256_file(path),
    }


def _open_array(directory: Path, described: Mapping[str, Any]) -> NDArray[Any]:
    path = directory / described["file"]
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; {remedy(path)}") from None
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{path}: damaged ({error}); {remedy(path)}") from None
    if list(array.shape) != described["shape"] or str(array.dtype) != described["dtype"]:
        raise DataError(
            f"{path}: holds {array.dtype} {list(array.shape)}, but {INFO_FILE} says {described['dtype']}"
            f" {described['shape']}; {remedy(path)}"
        )
    return array
