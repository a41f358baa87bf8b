"""MATLAB files: the same matrices as scipy's reader, and a declared error for every damaged one."""

import io
import random
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats.mat import labelled_pictures_file, read_labelled_pictures
from rework.formats.mat_variables import read_matrices
from scipy.io import loadmat, savemat

LARGEST = 2**20
TYPES = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


def saved(variables, packed=False):
    content = io.BytesIO()
    savemat(content, variables, do_compression=packed)
    return content.getvalue()


def read(content, largest=LARGEST):
    return read_matrices(content, "x.mat", largest)


def refusal(content, largest=LARGEST):
    with pytest.raises(DataError) as caught:
        read(content, largest)
    message = str(caught.value)
    assert message.startswith("x.mat: ")
    assert "\n" not in message
    assert len(message) < 300
    return message


@pytest.mark.parametrize("packed", [False, True])
def test_matrices_are_those_of_scipy(packed):
    random_numbers = np.random.default_rng(0)
    variables = {kind: random_numbers.integers(0, 100, (3, 5)).astype(kind) for kind in TYPES}
    variables |= {"cube": np.arange(24.0).reshape(2, 3, 4), "empty": np.zeros((0, 4)), "one": np.array([[7]], "u1")}
    content = saved(variables, packed)
    found, expected = read(content), loadmat(io.BytesIO(content))
    assert set(found) == set(variables)
    for name, values in found.items():
        np.testing.assert_array_equal(values, expected[name])
        assert values.dtype == variables[name].dtype


def test_big_endian_files_and_small_types_are_read():
    """MATLAB on other machines writes big-endian, and stores doubles as bytes where these hold them."""

    def element(kind, content):
        return struct.pack(">II", kind, len(content)) + content + bytes(-len(content) % 8)

    matrix = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 2, 3))
    matrix += struct.pack(">HH4s", 1, 1, b"a\0\0\0") + element(2, bytes(range(6)))
    content = b"MATLAB 5.0".ljust(124) + b"\1\0MI" + element(14, matrix)
    np.testing.assert_array_equal(loadmat(io.BytesIO(content))["a"], read(content)["a"])
    assert read(content)["a"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert read(content)["a"].dtype == np.float64


def test_what_is_no_matrix_of_real_numbers_has_no_values():
    variables = {"text": "abc", "cell": np.array([1, "a"], dtype=object), "z": np.ones((2, 2)) * 1j, "a": np.eye(2)}
    found = read(saved({**variables, "s": {"field": 1}}))
    assert {name for name, values in found.items() if values is None} == {"text", "cell", "z", "s"}
    with pytest.raises(DataError, match="train_data is no matrix of real numbers"):
        read_labelled_pictures(saved({"train_data": "abc"}), "x.mat", "train", 36, 32)


@pytest.mark.parametrize(
    "content", [b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(600)]
)
def test_newer_files_are_told_apart(content):
    assert "version 7.3" in refusal(content)
    assert "save it in MATLAB with -v7" in refusal(content)


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0", bytes(200), b"PK\3\4" * 90])
def test_other_files_are_no_matlab_files(content):
    assert "not a MATLAB file of version 5" in refusal(content)


def test_a_variable_is_there_once():
    content = saved({"a": np.eye(2)})
    assert "holds the variable 'a' twice" in refusal(content + content[128:])


@pytest.mark.parametrize("packed", [False, True])
def test_what_a_tag_announces_is_not_allocated(packed):
    """Dimensions of 4 billion rows; compressed zeros; an element longer than the file; a double for each bit."""
    content = saved({"a": np.zeros((100, 100))}, packed)
    bomb = zlib.compress(bytes(50_000_000))
    vast = content[:128] + struct.pack("<II", 14, 2**32 - 8) + content[136:]
    tracemalloc.start()
    try:
        if packed:
            assert "unpacks to more than 5,000 bytes" in refusal(content, 5000)
            packed_bomb = content[:128] + struct.pack("<II", 15, len(bomb)) + bomb
            assert "unpacks to more than 1,048,576 bytes" in refusal(packed_bomb)
        else:
            assert "a unpacks" in refusal(content, 5000).replace("'", "")
            wide = content.replace(struct.pack("<ii", 100, 100), struct.pack("<ii", 2**31 - 1, 2**31 - 1))
            assert "bytes of values, expected" in refusal(wide)
            assert "none below 0" in refusal(content.replace(struct.pack("<ii", 100, 100), struct.pack("<ii", -1, 1)))
        assert "announces 4,294,967,288 bytes" in refusal(vast)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


PICTURES = {
    packed: saved(
        {"a_data": np.linspace(0, 1, 36).reshape(9, 4), "a_labels": np.eye(3, dtype=np.uint8)[[0, 1, 2] * 3]}, packed
    )
    for packed in (False, True)
}


@rules(max_examples=300, deadline=None)
@given(packed=st.booleans(), seed=st.integers(0, 2**32), changes=st.integers(1, 4), cut=st.booleans())
def test_a_damaged_file_is_read_or_refused(packed, seed, changes, cut):
    """scipy's reader is killed by some of these; here a crash would end the tests."""
    drawn = random.Random(seed)
    content = bytearray(PICTURES[packed])
    for _ in range(changes):
        content[drawn.randrange(124, len(content))] = drawn.choice((0, 1, 14, 15, 127, 255, drawn.randrange(256)))
    if packed and drawn.random() < 0.5:
        # Damage inside what is compressed, which no checksum finds.
        (size,) = struct.unpack_from("<I", PICTURES[packed], 132)
        inner = bytearray(zlib.decompress(PICTURES[packed][136 : 136 + size]))
        inner[drawn.randrange(len(inner))] = drawn.randrange(256)
        again = zlib.compress(bytes(inner))
        content = PICTURES[packed][:132] + struct.pack("<I", len(again)) + again + PICTURES[packed][136 + size :]
    if cut:
        del (content := bytearray(content))[drawn.randrange(len(content)) :]
    try:
        pictures, targets = read_labelled_pictures(bytes(content), "x.mat", "a", 3, 2)
    except DataError as error:
        message = str(error)
    else:
        message = ""
        assert pictures.shape == (len(targets), 1, 2, 2)
    assert len(message) < 400
    assert "\n" not in message


def test_the_sample_is_read_back():
    pictures = np.random.default_rng(0).integers(0, 256, (6, 4, 4), dtype=np.uint8)
    targets = np.arange(6)
    found = read_labelled_pictures(labelled_pictures_file("t", pictures, targets, 6), "x.mat", "t", 6, 4)
    np.testing.assert_array_equal(found[0][:, 0], pictures)
    np.testing.assert_array_equal(found[1], targets)
