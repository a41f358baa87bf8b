"""The Large Movie Review Dataset: a tar archive, packed by gzip or xz, with one text file per review.

The labelled reviews for training are ``aclImdb/train/pos/<number>_<rating>.txt`` and ``…/neg/…``, in UTF-8. Source:
Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011. The archive is read once, in its own order, and
nothing is written to disk.
"""

import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rework.errors import DataError
from rework.files import write_bytes
from rework.formats.inflating import Inflated
from rework.formats.tar_headers import SmallHeader, headers

FOLDERS = {"pos": True, "neg": False}
_REVIEW = re.compile(r"(?:\./)?aclImdb/train/(pos|neg)/(\d{1,9}_\d{1,2}\.txt)")
MOST_MEMBERS = 250_000  # the official archive has some 100,000 reviews beside those that are read
MOST_REVIEWS = 100_000  # that are read; the official archive has 25,000
MOST_BYTES = 2**31  # of the whole archive; the official one has less than 500 MB
LARGEST_REVIEW = 2**18  # bytes; the longest official one has 14,000
_AGAIN = "fetch it again"


@dataclass(frozen=True)
class Review:
    """A review: the name of its file, whether it is positive, and its text."""

    name: str
    positive: bool
    text: str


def read_reviews(path: Path) -> list[Review]:
    """Return the labelled reviews for training: positive and negative ones in turn, each in the order of their names.

    Raises:
        DataError: the archive is missing or damaged, inflates to too much, holds no reviews or not as many positive as
            negative ones, or one is there twice, too large, not a file, or no text in UTF-8. The message names it.
    """
    found: dict[bool, dict[str, Review]] = {True: {}, False: {}}
    for review in _archived(path):
        if review.name in found[review.positive]:
            raise DataError(f"{path}: holds the review {review.name} twice; {_AGAIN}")
        found[review.positive][review.name] = review
        if len(found[True]) + len(found[False]) > MOST_REVIEWS:
            raise DataError(f"{path}: holds more than {MOST_REVIEWS:,} reviews, more than any archive of this kind")
    positive, negative = ([reviews[name] for name in sorted(reviews)] for reviews in found.values())
    if not positive or len(positive) != len(negative):
        raise DataError(
            f"{path}: {len(positive)} positive and {len(negative)} negative reviews in aclImdb/train, expected as many "
            f"of either; {_AGAIN}"
        )
    return [review for pair in zip(positive, negative, strict=True) for review in pair]


def write_reviews(path: Path, reviews: Sequence[Review]) -> None:
    """Write a ``.tar.gz`` with reviews in the place of the official ones. Equal content gives equal bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for review in reviews:
            folder = "pos" if review.positive else "neg"
            text = review.text.encode()
            header = tarfile.TarInfo(f"aclImdb/train/{folder}/{review.name}")
            header.size = len(text)
            archive.addfile(header, io.BytesIO(text))
    # zlib's own gzip header has no time.
    packer = zlib.compressobj(6, wbits=31)
    write_bytes(path, packer.compress(content.getvalue()) + packer.flush())


def _archived(path: Path) -> Iterator[Review]:
    """Yield the reviews of an archive in its order."""
    try:
        with path.open("rb") as packed:
            stream = Inflated(packed, MOST_BYTES)
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=SmallHeader) as archive:  # type: ignore[call-overload]
                for member in headers(archive, path, MOST_MEMBERS):
                    matched = _REVIEW.fullmatch(member.name)
                    if matched:
                        yield _review(archive, member, f"{path}: {member.name}", *matched.groups())
            # tarfile takes a damaged header for the end.
            stream.finish()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path}: not a whole .tar.gz or .tar.xz archive ({error}); {_AGAIN}") from None


def _review(archive: tarfile.TarFile, member: tarfile.TarInfo, where: str, folder: str, name: str) -> Review:
    if not member.isreg():
        raise DataError(f"{where} is a link or a device, expected a file; {_AGAIN}")
    if member.size > LARGEST_REVIEW:
        raise DataError(f"{where} has {member.size:,} bytes, expected at most {LARGEST_REVIEW:,}; {_AGAIN}")
    content = archive.extractfile(member)
    assert content is not None, "a regular file has content"
    try:
        return Review(name, FOLDERS[folder], content.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is no text in UTF-8 ({error}); {_AGAIN}") from None
