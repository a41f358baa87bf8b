"""Damaged archives and MATLAB files of nist36: refused with a reason, never a crash, a traceback or wrong pictures."""

import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st
from rework.datasets import nist36
from rework.errors import DataError
from rework.formats import picture_archive
from rework.samples import nist36 as sample_nist36
from rework.samples.photograph_archive import write_archive
from rework.settings.data import DatasetSettings


def settings_of(name):
    return DatasetSettings(name=name, sample=True, assets=())


@pytest.mark.slow
@rules(max_examples=40, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), other=st.integers(1, 255))
def test_one_wrong_byte_in_a_packed_file_never_makes_other_pictures(tmp_path_factory, place, other):
    """A few bits at the end of a packed file mean nothing; any other change is refused."""
    raw = tmp_path_factory.mktemp("raw")
    sample_nist36.generate(raw, 1, {"train": 1, "valid": 1, "test": 1})
    whole = nist36.read(raw, settings_of("nist36")).splits["train"]
    path = raw / nist36.ARCHIVE
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("data/nist36_train.mat")
    content = bytearray(path.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    content[start + int(place * member.compress_size)] ^= other
    path.write_bytes(content)
    try:
        found = nist36.read(raw, settings_of("nist36")).splits["train"]
    except DataError:
        return
    for values, expected in zip(found, whole, strict=True):
        np.testing.assert_array_equal(values, expected)


@rules(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), other=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_archive_never_gives_other_pictures(tmp_path_factory, place, other, cut):
    path = tmp_path_factory.mktemp("damaged") / "pictures.tgz"
    random = np.random.default_rng(0)
    members = [(f"{number}.jpg", random.bytes(700)) for number in range(4)]
    write_archive(path, members)
    content = bytearray(path.read_bytes())
    position = 10 + int(place * (len(content) - 10))  # the gzip header before tells nothing of the content
    if cut:
        del content[position:]
    else:
        content[position] ^= other
    path.write_bytes(content)
    try:
        found = list(picture_archive.read_members(path, lambda _: True))
    except DataError:
        return
    assert found == members
