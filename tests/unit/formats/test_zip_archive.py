"""Zip archives: equal members give equal bytes, and what cannot be read is explained."""

import struct
import tracemalloc
import zipfile
import zlib

import pytest
from rework.errors import DataError
from rework.formats.zip_archive import read_zip_members, write_zip

MEMBERS = [("b/two.txt", b"2" * 1000), ("a/one.txt", b"1")]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_back_in_their_order_and_equal_ones_give_equal_bytes(tmp_path, compression):
    for name in ("first.zip", "second.zip"):
        write_zip(tmp_path / name, iter(MEMBERS), compression)
    first, second = (tmp_path / name for name in ("first.zip", "second.zip"))
    assert first.read_bytes() == second.read_bytes()
    assert [(str(name), content) for name, content in read_zip_members(first, lambda _: True, 1000)] == MEMBERS
    assert (first.stat().st_size < 500) == (compression == zipfile.ZIP_DEFLATED)


def test_only_files_that_are_wanted_are_read(tmp_path):
    path = tmp_path / "a.zip"
    write_zip(path, [*MEMBERS, ("one.txt/", b"")])
    assert [str(name) for name, _ in read_zip_members(path, lambda name: name.name == "one.txt", 1)] == ["a/one.txt"]


def test_what_cannot_be_read_is_explained(tmp_path):
    def refusal(path, largest=1000):
        with pytest.raises(DataError) as refused:
            list(read_zip_members(path, lambda _: True, largest))
        return str(refused.value)

    path = tmp_path / "a.zip"
    assert refusal(path) == f"{path}: no such file"
    write_zip(path, MEMBERS)
    assert "b/two.txt has 1000 bytes, expected at most 999" in refusal(path, 999)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert "not a whole zip archive" in refusal(path)
    path.write_bytes(whole.replace(b"2222", b"2322", 1))
    assert "not a whole zip archive" in refusal(path)


def test_a_member_that_holds_more_than_it_states_is_not_unpacked_whole(tmp_path):
    path, stated, real = tmp_path / "a.zip", 1000, 50_000_000
    write_zip(path, [("a.txt", bytes(real))], zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    for old, new in ((real, stated), (zlib.crc32(bytes(real)), zlib.crc32(bytes(stated)))):
        content = content.replace(struct.pack("<I", old), struct.pack("<I", new))
    path.write_bytes(content)
    tracemalloc.start()
    try:
        assert [found for _, found in read_zip_members(path, lambda _: True, stated)] == [bytes(stated)]
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_member_that_can_only_be_unpacked_at_once_is_refused(tmp_path):
    write_zip(tmp_path / "a.zip", MEMBERS, zipfile.ZIP_BZIP2)
    with pytest.raises(DataError, match=r"b/two\.txt is neither stored nor deflated"):
        list(read_zip_members(tmp_path / "a.zip", lambda _: True, 1000))
