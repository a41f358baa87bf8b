"""Pickles that ask for memory or time without bound: refused before anything is built, in one short line."""

import pickle
import time
import tracemalloc

import numpy as np
import pytest
from rework.errors import DataError
from rework.formats.cifar import META, CifarBatches, read_cifar, write_cifar

HEAD = pickle.PROTO + b"\2"
META_WITH = HEAD + b"}(U\x13num_cases_per_batchK\x02U\x0blabel_names%su."


@pytest.fixture
def folder(tmp_path):
    drawn = np.random.default_rng(0)
    batches = [
        (drawn.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8), drawn.integers(0, 10, count)) for count in (10, 2)
    ]
    write_cifar(tmp_path / "batches", CifarBatches(*batches, classes=tuple("abcdefghij")))
    assert len(read_cifar(tmp_path / "batches").train[1]) == 10
    return tmp_path / "batches"


def doubled(operation):
    """Return a dictionary whose key is a tuple of tuples with 2 to the power of 60 leaves."""
    return HEAD + b"}K\x01" + operation * 60 + b"K\x01s."


HOSTILE = {
    "a memo of 32 GB": HEAD + b"}r\xff\xff\xff\x7f.",
    "a memo in text": HEAD + b"}p4000000000\n.",
    "a negative memo": HEAD + b"}p-1\n.",
    "doubled tuples": doubled(b"2\x86"),
    "doubled tuples by memo": HEAD + b"}K\x01" + b"".join(b"\x85q%ch%c\x86" % (n, n) for n in range(60)) + b"K\x01s.",
    "a string of 4 GB": HEAD + b"T\xff\xff\xff\x7fabc",
    "bytes of exabytes": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x0fabc.",
    "deep lists": META_WITH % (b"]" * 20_000 + b"a" * 19_999),
    "deep tuples": META_WITH % (b")" + b"\x85" * 20_000),
    "many names": META_WITH % (b"](" + b"U\x0aairplane\xff\xff" * 200_000 + b"e"),
    "a long number": META_WITH % (b"\x8b" + (1_000_000).to_bytes(4, "little") + b"\x7f" * 1_000_000),
    "shared lists": META_WITH % (b"]" + b"".join(b"q%c](h%ch%ce" % (n, n, n) for n in range(60))),
    "a long name": HEAD + b"c" + b"x" * 100_000 + b"\nsystem\n.",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_pickle_is_refused_at_once(folder, content):
    (folder / META).write_bytes(content)
    started = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as caught:
            read_cifar(folder)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 20
    message = str(caught.value)
    assert str(folder / META) in message
    assert len(message) < 500
    assert "\n" not in message
