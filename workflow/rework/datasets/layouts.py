"""Layouts of data sets: which arrays each split has, and which other files there are.

``config/assets.yaml`` names the layout of each data set. The plan of files, the rules, the store and the tasks look up
its meaning here, so a new kind of data set is a new entry in ``LAYOUTS``. This module is read with the configuration
and does not import numpy.

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

    ``dtypes`` are the types that it may have, ``text`` for texts of any length. ``shape`` names its dimensions: equal
    names mean equal lengths within a split, ``name + 1`` means one more, and a final ``...`` any further dimensions,
    which are the same in all splits.
    """

    dtypes: tuple[str, ...]
    shape: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """What a data set of one kind consists of, besides ``dataset.json``.

    Attributes:
        arrays: the arrays of each split, by name; each is stored in ``<split>_<name>.npy``.
        files: files that belong to no split.
        counts: the sizes of a split in ``dataset.json``: each key, and the dimension that it counts; ``count`` counts
            the items.
        bounds: arrays that cut another dimension into pieces (array: dimension); they rise from 0 to its length, and no
            piece is empty.
        writer: the module whose function ``write_dataset`` writes such a data set.
        packages: the environment in which it is written, ``envs/<packages>.yaml``.
        readable: whether trained runs read its text, into ``results/<edition>/readings``.
        splits: those that it is divided into.
        drawn: whether it is drawn at random, and made from no raw files.
    """

    arrays: Mapping[str, Array] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, str] = field(default_factory=dict)
    writer: str = "rework.datasets.store"
    packages: str = "data"
    readable: bool = False
    splits: tuple[str, ...] = SPLITS
    drawn: bool = False

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of all files of a data set.

        >>> LAYOUTS["examples"].file_names[:3]
        ('dataset.json', 'train_inputs.npy', 'train_targets.npy')
        """
        return (INFO_FILE, *(array_file(split, name) for split in self.splits for name in self.arrays), *self.files)


def array_file(split: str, array: str) -> str:
    """Return the name of the file for an array of a split."""
    return f"{split}_{array}.npy"


# Inputs are bytes (pictures, N x C x H x W) or floats; targets are class numbers or floats.
_EXAMPLES = {
    "inputs": Array(("uint8", "float32"), ("examples", "...")),
    "targets": Array(("int64", "float32"), ("examples", "...")),
}
CROPS_FILE, PICTURES_FILE = "crops.npy", "pictures.npz"
TABLE_FILE = "table.csv"
WORDS_FILE = "words.txt"

LAYOUTS: Mapping[str, Layout] = {
    "examples": Layout(_EXAMPLES, counts={"count": "examples"}),
    # The examples form words of any length.
    "words": Layout(
        {**_EXAMPLES, "offsets": Array(("int64",), ("words + 1",))},
        counts={"count": "examples", "words": "words"},
        bounds={"offsets": "examples"},
    ),
    # Pictures, each as the features of an encoder, with captions. ``pictures`` are the numbers of the captions'
    # pictures, ``texts`` the captions in lower case, and ``contents`` what is known to be in a generated picture.
    "captions": Layout(
        {
            "inputs": Array(("float16",), ("pictures", "positions", "channels")),
            "targets": Array(("int64",), ("captions", "length")),
            "pictures": Array(("int64",), ("captions",)),
            "thumbnails": Array(("uint8",), ("pictures", "colours", "height", "width")),
            "texts": Array(("text",), ("captions",)),
            "names": Array(("text",), ("pictures",)),
            "contents": Array(("text",), ("pictures",)),
        },
        counts={"count": "captions", "picture_count": "pictures"},
        packages="training",
    ),
    # Texts with classes. ``inputs`` are the numbers of a text's first words in the vocabulary, with zeros in front,
    # ``lengths`` counts the words of the whole text, and ``characters`` are its bytes in UTF-8 before cleaning.
    "texts": Layout(
        {
            "inputs": Array(("int32",), ("texts", "words")),
            "targets": Array(("int64",), ("texts",)),
            "lengths": Array(("int64",), ("texts",)),
            "characters": Array(("uint8",), ("characters",)),
            "text_offsets": Array(("int64",), ("texts + 1",)),
        },
        files=(WORDS_FILE,),
        counts={"count": "texts"},
        bounds={"text_offsets": "characters"},
        writer="rework.datasets.labelled_texts",
    ),
    # One long text, in the order of its characters; ``targets`` are their numbers.
    "characters": Layout(
        {"targets": Array(("int64",), ("characters",))}, counts={"count": "characters"}, splits=SPLITS[:2]
    ),
    # Sequences of symbols, of which one is marked. ``inputs`` are the numbers of the symbols, raised by how many there
    # are where the mark is; ``targets`` the marked symbols; ``distances`` their places, from 1 for the end.
    "sequences": Layout(
        {
            "inputs": Array(("uint8",), ("sequences", "steps")),
            "targets": Array(("int64",), ("sequences",)),
            "distances": Array(("int64",), ("sequences",)),
        },
        counts={"count": "sequences"},
        drawn=True,
    ),
    # Photographs of text: the letters cut out of all pages, and small pictures of the pages.
    "pages": Layout(
        files=(CROPS_FILE, PICTURES_FILE), writer="rework.datasets.text_pages", packages="handwriting", readable=True
    ),
    # Whole pictures of any size, by name.
    "pictures": Layout(files=(PICTURES_FILE,), writer="rework.datasets.picture_files"),
    # A small table of numbers without splits.
    "table": Layout(files=(TABLE_FILE,), writer="rework.datasets.tables"),
}
