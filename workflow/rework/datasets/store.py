"""Preprocessed data sets on disk: one array per split that maps into memory, and ``dataset.json`` about them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.files import atomic_path, read_json, sha256_file, write_json
from rework.settings.data import DatasetSettings

SPLITS = ("train", "validation", "test")
INFO_FILE = "dataset.json"

Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class RawSplits:
    """What a data set's module reads from the raw files.

    ``splits`` maps train, validation and test to inputs (bytes, N×C×H×W) and targets (class numbers, N). Where the
    examples of a split form words, ``offsets`` maps it to their bounds: word w holds the examples from offset w up to
    offset w + 1, so there is one offset more than words. ``notes`` are sentences about the data for the report.
    """

    splits: Mapping[str, Arrays]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    offsets: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)


@dataclass(frozen=True)
class AssetRecord:
    """A raw file that a data set was made from; ``substitute`` is the sentence of what stands in its place.

    ``comparable`` is False where published values cannot be judged with it.
    """

    id: str
    file: str
    sha256: str
    substitute: str | None
    comparable: bool


@dataclass(frozen=True)
class StoredSplit:
    """Arrays of one split, read-only views of the files: inputs (uint8, N×C×H×W) and targets (int64, N).

    ``offsets`` (int64, words + 1) are the bounds of the words that the examples form, or None.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.int64]
    offsets: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class StoredDataset:
    """A preprocessed data set. ``mean`` and ``std`` are per channel, of the training split scaled to 0..1.

    ``info`` is the content of ``dataset.json`` and ``sha256`` that file's hash, which stands for all the arrays,
    because their hashes are in it.
    """

    directory: Path
    name: str
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
) -> None:
    """Write the arrays and ``dataset.json`` of a data set. Equal arguments give equal bytes.

    Raises:
        DataError: a split is missing, empty or malformed, a target is out of range, or the splits differ in shape.
    """
    _check(raw, settings.name)
    splits: dict[str, dict[str, Any]] = {}
    for name in SPLITS:
        inputs, targets = raw.splits[name]
        splits[name] = {
            "count": len(targets),
            "per_class": np.bincount(targets, minlength=len(raw.classes)).tolist(),
            "inputs": _write_array(directory / f"{name}_inputs.npy", inputs),
            "targets": _write_array(directory / f"{name}_targets.npy", targets),
        }
        if raw.offsets:
            splits[name]["words"] = len(raw.offsets[name]) - 1
            splits[name]["offsets"] = _write_array(directory / f"{name}_offsets.npy", raw.offsets[name])
    mean, std = channel_statistics(raw.splits["train"][0])
    info = {
        "name": settings.name,
        "sample": settings.sample,
        "classes": list(raw.classes),
        "splits": splits,
        "mean": mean,
        "std": std,
        "assets": [vars(asset) for asset in assets],
        "notes": list(raw.notes),
        "provenance": dict(provenance or {}),
    }
    write_json(directory / INFO_FILE, info)


def open_dataset(directory: Path) -> StoredDataset:
    """Open a preprocessed data set; its arrays are mapped into memory and read when used.

    Raises:
        DataError: ``dataset.json`` or an array is missing, damaged, or of another shape or type than it says.
    """
    path = directory / INFO_FILE
    if not path.is_file():
        raise DataError(f"{path}: no such file; 'snakemake --cores 1 {path}' makes it")
    info = read_json(path)
    try:
        return StoredDataset(
            directory=directory,
            name=info["name"],
            sample=info["sample"],
            classes=tuple(info["classes"]),
            splits={name: _open_split(directory, info["splits"][name]) for name in SPLITS},
            mean=tuple(info["mean"]),
            std=tuple(info["std"]),
            info=info,
            sha256=sha256_file(path),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not the description of a data set ({error!r}); preprocess it again") from None


def channel_statistics(inputs: NDArray[np.uint8]) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation (of the population) per channel of N×C×H×W bytes scaled to 0..1.

    They are computed from counts of the 256 values in whole numbers, so the order of summation cannot change them.
    """
    means, deviations = [], []
    levels = range(256)
    for channel in range(inputs.shape[1]):
        counts = np.bincount(inputs[:, channel].ravel(), minlength=256).tolist()
        number = sum(counts)
        total = sum(level * count for level, count in zip(levels, counts, strict=True))
        squares = sum(level * level * count for level, count in zip(levels, counts, strict=True))
        means.append(total / number / 255)
        deviations.append(math.sqrt(number * squares - total * total) / number / 255)
    return means, deviations


def _check(raw: RawSplits, dataset: str) -> None:
    missing = [name for name in SPLITS if name not in raw.splits]
    if missing or len(raw.splits) != len(SPLITS):
        raise DataError(f"data set {dataset}: splits {sorted(raw.splits)}, expected {list(SPLITS)}")
    shapes = {name: inputs.shape[1:] for name, (inputs, _) in raw.splits.items()}
    if len(set(shapes.values())) > 1:
        raise DataError(f"data set {dataset}: inputs differ in shape between splits: {shapes}")
    for name, (inputs, targets) in raw.splits.items():
        where = f"data set {dataset}, split {name}"
        if inputs.dtype != np.uint8 or inputs.ndim != 4:
            raise DataError(f"{where}: inputs are {inputs.dtype} {inputs.shape}, expected uint8 N×C×H×W")
        if targets.dtype != np.int64 or targets.shape != inputs.shape[:1]:
            raise DataError(f"{where}: targets are {targets.dtype} {targets.shape}, expected int64 ({len(inputs)},)")
        if not inputs.size:
            raise DataError(f"{where}: holds nothing")
        if targets.min() < 0 or targets.max() >= len(raw.classes):
            raise DataError(
                f"{where}: targets from {targets.min()} to {targets.max()}, expected 0 to {len(raw.classes) - 1}"
            )

        if raw.offsets:
            _check_offsets(raw.offsets.get(name), len(targets), where)


def _check_offsets(offsets: NDArray[np.int64] | None, examples: int, where: str) -> None:
    if offsets is None or offsets.dtype != np.int64 or offsets.ndim != 1 or len(offsets) < 2:
        raise DataError(f"{where}: its word offsets are missing or no int64 vector of at least two")
    if offsets[0] != 0 or offsets[-1] != examples or (np.diff(offsets) < 1).any():
        raise DataError(f"{where}: its word offsets do not go up from 0 to {examples} with no word empty")


def _open_split(directory: Path, described: Mapping[str, Any]) -> StoredSplit:
    return StoredSplit(
        inputs=_open_array(directory, described["inputs"]),
        targets=_open_array(directory, described["targets"]),
        offsets=_open_array(directory, described["offsets"]) if "offsets" in described else None,
    )


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
        raise DataError(f"{path}: no such file; preprocess the data set again") from None
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{path}: damaged ({error}); preprocess the data set again") from None
    if list(array.shape) != described["shape"] or str(array.dtype) != described["dtype"]:
        raise DataError(
            f"{path}: holds {array.dtype} {list(array.shape)}, but {INFO_FILE} says {described['dtype']}"
            f" {described['shape']}; preprocess the data set again"
        )
    return array
