"""Make a substitute for the NIST36 archive from real NIST letters and MNIST digits, in the official layout.

python tools/make_nist36.py --letters nist26_valid.mat --digits mnist/ --output data.zip

Of the 50 letters of each class the first 34 go into training, the next 8 into validation, the last 8 into the test;
there are as many digits of each class, the first ones of MNIST's test set. Equal inputs give equal bytes.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from rework.datasets.idx_pictures import FILES
from rework.datasets.idx_pictures import SIZE as DIGIT_SIZE
from rework.datasets.nist36 import CLASSES, PARTS, SIZE, member_name
from rework.formats.idx import read_pair
from rework.formats.mat import labelled_pictures_file, read_labelled_pictures
from rework.formats.zip_archive import write_zip

LETTERS, PER_CLASS = 26, 50
COUNTS = {"train": 34, "valid": 8, "test": 8}


def main() -> None:
    """Read both sources and write the archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=Path, required=True, help="nist26_valid.mat, 50 letters of each class")
    parser.add_argument("--digits", type=Path, required=True, help="folder of MNIST's four idx files")
    parser.add_argument("--output", type=Path, required=True, help="the archive to write")
    arguments = parser.parse_args()
    letters, letter_targets = read_labelled_pictures(
        arguments.letters.read_bytes(), str(arguments.letters), "valid", LETTERS, SIZE
    )
    images, labels = (arguments.digits / name for name in FILES["test"])
    digits, digit_targets = read_pair(images, labels, height=DIGIT_SIZE, width=DIGIT_SIZE, classes=10)
    border = (SIZE - DIGIT_SIZE) // 2
    # Dark on white, as the letters are.
    padded = np.pad(255 - digits[:, 0], ((0, 0), (border, border), (border, border)), constant_values=255)
    pictures = [letters[letter_targets == number, 0] for number in range(LETTERS)]
    pictures += [padded[digit_targets == number][:PER_CLASS] for number in range(10)]
    write_zip(arguments.output, members(pictures), zipfile.ZIP_DEFLATED)


def members(pictures: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the file of each part, from the pictures of each class, (N, 32, 32)."""
    start = 0
    for part in PARTS.values():
        stop = start + COUNTS[part]
        chosen = np.concatenate([of_class[start:stop] for of_class in pictures])
        targets = np.repeat(np.arange(len(CLASSES)), COUNTS[part])
        yield f"data/{member_name(part)}", labelled_pictures_file(part, chosen, targets, len(CLASSES))
        start = stop


if __name__ == "__main__":
    main()
