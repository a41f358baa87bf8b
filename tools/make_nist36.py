"""Make a substitute for the NIST36 archive from real NIST letters and MNIST digits, in the official layout.

python tools/make_nist36.py --letters nist26_valid.mat --digits mnist/ --output data.zip

Of the 50 letters of each class, the first 34 are for training, the next 8 for validation and the last 8 for the test;
equally many digits of each class are taken from the beginning of MNIST's test set, enlarged until they are about as
large and as thick as the letters. Equal inputs give equal bytes.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from rework.datasets.idx_pictures import FILES
from rework.datasets.idx_pictures import SIZE as DIGIT_SIZE
from rework.datasets.nist36 import CLASSES, PARTS, SIZE, member_name
from rework.formats.idx import read_pair
from rework.formats.mat import labelled_pictures_file, read_labelled_pictures
from rework.formats.zip_archive import write_zip

LETTERS, PER_CLASS = 26, 50
LONGER_SIDE = 24  # of a digit, in pixels: half of the letters are 25 or more
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
    pictures = [letters[letter_targets == number, 0] for number in range(LETTERS)]
    for number in range(10):
        chosen = digits[digit_targets == number, 0][:PER_CLASS]
        pictures.append(np.stack([like_a_letter(digit) for digit in chosen]))
    write_zip(arguments.output, members(pictures), zipfile.ZIP_DEFLATED)


def like_a_letter(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a digit of MNIST, (28, 28), white on black, as the letters are: dark on white, (32, 32), in the middle.

    Its longer side becomes 24 pixels long. That makes lines of 2.8 pixels 3.3 wide, those of the letters being 3.5.
    """
    top, left, bottom, right = _box(digit)
    side = round(DIGIT_SIZE * LONGER_SIDE / max(bottom - top, right - left))
    larger = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    top, left, bottom, right = _box(larger)
    row, column = (top + bottom) // 2, (left + right) // 2
    return 255 - np.pad(larger, SIZE // 2)[row : row + SIZE, column : column + SIZE]


def _box(picture: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return the first and the last row and column, each last one plus one, of what is more white than black."""
    rows, columns = np.nonzero(picture > 127)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def members(pictures: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of the file of each part, from the pictures of each class, (N, 32, 32)."""
    start = 0
    for part in PARTS.values():
        stop = start + COUNTS[part]
        chosen = np.concatenate([of_class[start:stop] for of_class in pictures])
        targets = np.repeat(np.arange(len(CLASSES)), COUNTS[part])
        yield f"data/{member_name(part)}", labelled_pictures_file(part, chosen, targets, len(CLASSES))
        start = stop


if __name__ == "__main__":
    main()
