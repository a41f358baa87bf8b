"""The archive of reviews: what is read in which order, and what is refused before it fills the memory."""

import contextlib
import gzip
import io
import lzma
import tarfile
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats import inflating, review_archive
from rework.formats.review_archive import Review, read_reviews, write_reviews

REVIEWS = [
    Review("0_9.txt", True, "Good."),
    Review("0_3.txt", False, "Bad."),
    *(
        Review(name, positive, f"Text {name} of {positive}, naïvely.")
        for name in ("10_8.txt", "9_7.txt")
        for positive in (True, False)
    ),
]


def packed(members, pack=gzip.compress):
    """Return an archive of members: (name, content), or headers with contents."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, text in members:
            header = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            header.size = len(text)
            archive.addfile(header, io.BytesIO(text))
    return pack(content.getvalue())


def small(*others):
    return [("aclImdb/train/pos/0_9.txt", b"Good."), ("aclImdb/train/neg/0_1.txt", b"Bad."), *others]


def test_reviews_come_in_turn_by_the_order_of_their_names(tmp_path):
    path = tmp_path / "reviews.tar.gz"
    write_reviews(path, REVIEWS[::-1])
    found = read_reviews(path)
    assert [(review.name, review.positive) for review in found] == [
        *(("0_9.txt", True), ("0_3.txt", False)),
        *(("10_8.txt", True), ("10_8.txt", False)),
        *(("9_7.txt", True), ("9_7.txt", False)),
    ]
    assert sorted(found, key=str) == sorted(REVIEWS, key=str)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_both_packings_are_read_and_other_members_are_passed_over(tmp_path, pack):
    path = tmp_path / "a"
    others = [
        *(("aclImdb/test/pos/1_9.txt", b"x"), ("aclImdb/train/unsup/1_0.txt", b"\xff"), ("../../etc/passwd", b"x")),
        *(("aclImdb/README", b"x"), ("/aclImdb/train/pos/2_9.txt", b"x"), ("x/../aclImdb/train/pos/3_9.txt", b"x")),
    ]
    path.write_bytes(packed(small(*others), pack))
    assert [review.text for review in read_reviews(path)] == ["Good.", "Bad."]
    assert list(tmp_path.iterdir()) == [path]


def a_link(name):
    header = tarfile.TarInfo(name)
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return header


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (small(("aclImdb/train/pos/0_9.txt", b"again")), "holds the review 0_9.txt twice"),
        (small(("aclImdb/train/pos/1_9.txt", b"x")), "2 positive and 1 negative reviews"),
        ([], "0 positive and 0 negative reviews"),
        (small((a_link("aclImdb/train/pos/1_9.txt"), b"")), "1_9.txt is a link or a device"),
        (small(("aclImdb/train/pos/1_9.txt", b"\xff\xfe")), "1_9.txt is no text in UTF-8"),
        (small(("aclImdb/train/pos/1_9.txt", bytes(2**18 + 1))), "has 262,145 bytes, expected at most 262,144"),
    ],
)
def test_what_is_no_review_is_refused(tmp_path, members, message):
    path = tmp_path / "a"
    path.write_bytes(packed(members))
    with pytest.raises(DataError, match=message):
        read_reviews(path)


def test_limits_of_numbers(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(packed(small(("x", b""), ("y", b""))))
    monkeypatch.setattr(review_archive, "MOST_MEMBERS", 3)
    with pytest.raises(DataError, match="more than 3 files"):
        read_reviews(path)
    monkeypatch.undo()
    monkeypatch.setattr(review_archive, "MOST_REVIEWS", 1)
    with pytest.raises(DataError, match="more than 1 reviews"):
        read_reviews(path)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_an_archive_that_inflates_to_too_much_is_refused_early(tmp_path, monkeypatch, pack):
    path = tmp_path / "a"
    path.write_bytes(packed(small(("zeros", bytes(40_000_000))), pack))
    monkeypatch.setattr(review_archive, "MOST_BYTES", 1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="inflates to more than 1,000,000 bytes"):
            read_reviews(path)
        assert tracemalloc.get_traced_memory()[1] < 16_000_000  # of which xz takes 8 MiB for its dictionary
    finally:
        tracemalloc.stop()


def test_an_xz_file_that_asks_for_much_memory_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a"
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**28}]
    path.write_bytes(packed(small(), lambda content: lzma.compress(content, filters=filters)))
    with pytest.raises(DataError, match="not a whole"):
        read_reviews(path)
    monkeypatch.setattr(inflating, "XZ_MEMORY", 2**30)
    assert len(read_reviews(path)) == 2


def test_other_files_and_none(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(DataError, match="no such file"):
        read_reviews(path)
    path.write_bytes(b"PK\3\4 is no such archive")
    with pytest.raises(DataError, match="expected a gzip or an xz file"):
        read_reviews(path)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_an_error_of_ours(tmp_path, pack, data):
    """A byte that is changed or cut off: its checksum tells, wherever it is, but for the few that say nothing."""
    path, content = tmp_path / "a", bytearray(packed(small(), pack))
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with contextlib.suppress(DataError):
        assert [review.text for review in read_reviews(path)] == ["Good.", "Bad."]
