"""The idx reader: round trips, torchvision's reader as reference, and every way in which a file can be wrong."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rework.errors import DataError
from rework.formats.idx import read_idx, read_images, read_labels, read_pair, write_idx

arrays = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, max_side=9))
IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def header(*sizes, kind=8, start=b"\0\0", dimensions=None):
    return struct.pack(f">2sBB{len(sizes)}I", start, kind, dimensions or len(sizes), *sizes)


def outcome(path, shape):
    """Return the array and no message, or no array and the message of the error; any other error is a failure."""
    try:
        return read_idx(path, shape), ""
    except DataError as error:
        return None, str(error)


@given(array=arrays, suffix=st.sampled_from(["", ".gz"]))
def test_round_trip(tmp_path_factory, array, suffix):
    path = tmp_path_factory.mktemp("idx") / f"file{suffix}"
    write_idx(path, array)
    again = read_idx(path, (None,) * array.ndim)
    assert again.dtype == np.uint8
    np.testing.assert_array_equal(again, array)


@settings(max_examples=20, deadline=None)
@given(array=arrays)
def test_agrees_with_torchvision(tmp_path_factory, array):
    from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

    path = tmp_path_factory.mktemp("idx") / "file"
    write_idx(path, array)
    np.testing.assert_array_equal(read_idx(path, array.shape), read_sn3_pascalvincent_tensor(str(path)).numpy())


def test_bytes_of_the_format_worked_by_hand(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(bytes.fromhex("00 00 08 01 00 00 00 03 02 00 01"))
    assert read_labels(path, 3).tolist() == [2, 0, 1]
    assert read_labels(path, 3).dtype == np.int64


def test_equal_arrays_give_equal_bytes_whatever_the_name(tmp_path):
    for name in ("a.gz", "b.gz"):
        write_idx(tmp_path / name, IMAGES)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_images_get_a_channel(tmp_path):
    write_idx(tmp_path / "i.gz", IMAGES)
    images = read_images(tmp_path / "i.gz", 4, 5)
    assert images.shape == (3, 1, 4, 5)
    np.testing.assert_array_equal(images[:, 0], IMAGES)


@given(data=st.data(), suffix=st.sampled_from(["", ".gz"]))
def test_every_truncation_is_refused(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("idx") / f"file{suffix}"
    write_idx(path, IMAGES)
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(DataError, match="file"):
        read_idx(path, (None, 4, 5))


@given(data=st.data())
def test_no_damage_changes_the_content_of_a_compressed_file_unseen(tmp_path_factory, data):
    """Damage that passes is where nothing is stored: the time in gzip's header, or the bits that fill up a byte."""
    path = tmp_path_factory.mktemp("idx") / "file.gz"
    write_idx(path, IMAGES)
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    found, message = outcome(path, (None, 4, 5))
    if found is None:
        assert str(path) in message
    else:
        np.testing.assert_array_equal(found, IMAGES)


@given(content=st.binary(max_size=64), suffix=st.sampled_from(["", ".gz"]), packed=st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, suffix, packed):
    path = tmp_path_factory.mktemp("idx") / f"file{suffix}"
    path.write_bytes(gzip.compress(content) if packed else content)
    array, message = outcome(path, (None,))
    if array is None:
        assert str(path) in message
    else:
        assert content == header(len(array)) + array.tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an idx file (it starts with nothing)"),
        (b"\x89PNG\r\n", "not an idx file (it starts with 89 50 4e 47)"),
        (header(1, 4, 5, start=b"\0\1"), "not an idx file"),
        (header(1, 4, 5, kind=7), "not an idx file"),
        (header(1, 4, 5, kind=0x0D) + bytes(80), "holds float32, expected unsigned bytes (uint8)"),
        (header(20) + bytes(20), "has 1 dimensions, expected 3"),
        (header(1, 4, dimensions=3), "truncated within its header"),
        (header(1, 4, 6) + bytes(24), "dimension 2 is 6, expected 5"),
        (header(0, 4, 5), "dimension 0 is 0, expected a positive number"),
        (header(2**32 - 1, 4, 5), "announces 85899345900 bytes"),
        (header(2, 4, 5) + bytes(39), "truncated: 39 of 40 bytes"),
        (header(2, 4, 5) + bytes(41), "further bytes follow the 40"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_wrong_files(tmp_path, content, message, suffix):
    path = tmp_path / f"images{suffix}"
    path.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(DataError) as caught:
        read_idx(path, (None, 4, 5))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_not_gzip(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(b"<html>moved</html>")
    with pytest.raises(DataError, match=r"images\.gz: not a whole gzip file"):
        read_idx(path, (None, 4, 5))


def test_missing(tmp_path):
    with pytest.raises(DataError, match=r"gone\.gz: no such file"):
        read_idx(tmp_path / "gone.gz", (None,))


@given(labels=hnp.arrays(np.uint8, st.integers(1, 40)), classes=st.integers(1, 255))
def test_labels_in_range_or_named(tmp_path_factory, labels, classes):
    path = tmp_path_factory.mktemp("idx") / "labels.gz"
    write_idx(path, labels)
    wrong = [position for position, label in enumerate(labels) if label >= classes]
    if wrong:
        with pytest.raises(DataError, match=rf"label {labels[wrong[0]]} of item {wrong[0]} is out of range"):
            read_labels(path, classes)
    else:
        assert read_labels(path, classes).tolist() == labels.tolist()


def test_images_and_labels_of_different_number(tmp_path):
    write_idx(tmp_path / "i.gz", IMAGES)
    write_idx(tmp_path / "l.gz", np.zeros(2, np.uint8))
    with pytest.raises(DataError, match=r"holds 3 images but .*l\.gz holds 2 labels"):
        read_pair(tmp_path / "i.gz", tmp_path / "l.gz", height=4, width=5, classes=1)
