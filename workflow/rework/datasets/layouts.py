"""Layouts of data sets: which arrays each split has, and what else lies beside them.

``config/assets.yaml`` names the layout of each data set. The plan of files, the rules, the store and the tasks look
here for what that means, so a new kind of data set is a row in ``LAYOUTS``. Read with the configuration: no numpy.

A data set's module (``rework.datasets.<name>``) returns what the layout's ``writer`` takes. For layouts with arrays,
that is ``RawSplits``, with the arrays of each split in the order of the layout::

    "pairs": Layout(
        arrays={
            "inputs": Array(("uint8",), ("pictures", "...")),
            "tokens": Array(("int64",), ("tokens",)),
            "offsets": Array(("int64",), ("texts + 1",)),
        },
        counts={"count": "pictures", "texts": "texts"},
        bounds={"offsets": "tokens"},
    )
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SPLITS = ("train", "validation", "test")
INFO_FILE = "dataset.json"


@dataclass(frozen=True)
class Array:
    """What an array of a split must be.

    ``dtypes`` are the types that it may have. ``shape`` names its dimensions: equal names mean equal lengths in a
    split, ``name + 1`` one more, and ``...`` at the end any further dimensions, which are the same in all splits.
    """

    dtypes: tuple[str, ...]
    shape: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """What a data set of one kind consists of, besides ``dataset.json``.

    Attributes:
        arrays: those of each split, by name; ``<split>_<name>.npy`` holds one.
        files: files that belong to no split.
        counts: what ``dataset.json`` says of a split's size: the key, and the dimension that it counts; ``count`` is
            that of its items.
        bounds: arrays that cut another dimension into pieces (the array, the dimension): they go up from 0 to its
            length, and no piece is empty.
        writer: module whose function ``write_dataset`` writes such a data set.
        packages: the environment that it is written in, ``envs/<packages>.yaml``.
        readable: whether trained runs read what is on it, in ``results/<edition>/readings``.
    """

    arrays: Mapping[str, Array] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, str] = field(default_factory=dict)
    writer: str = "rework.datasets.store"
    packages: str = "data"
    readable: bool = False

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of all files of a data set."""
        return (INFO_FILE, *(array_file(split, name) for split in SPLITS for name in self.arrays), *self.files)


def array_file(split: str, array: str) -> str:
    """Return the name of the file that holds an array of a split."""
    return f"{split}_{array}.npy"


# Inputs are bytes (pictures, N x C x H x W) or numbers; targets are the numbers of classes, or other numbers.
_EXAMPLES = {
    "inputs": Array(("uint8", "float32"), ("examples", "...")),
    "targets": Array(("int64", "float32"), ("examples", "...")),
}
CROPS_FILE, PICTURES_FILE = "crops.npy", "pictures.npz"

LAYOUTS: Mapping[str, Layout] = {
    "examples": Layout(_EXAMPLES, counts={"count": "examples"}),
    # The examples form words, of any length.
    "words": Layout(
        {**_EXAMPLES, "offsets": Array(("int64",), ("words + 1",))},
        counts={"count": "examples", "words": "words"},
        bounds={"offsets": "examples"},
    ),
    # Photographs of text: the letters cut out of all pages, and the pages themselves, small.
    "pages": Layout(
        files=(CROPS_FILE, PICTURES_FILE), writer="rework.datasets.text_pages", packages="handwriting", readable=True
    ),
}
