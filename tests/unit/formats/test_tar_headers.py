"""Archives whose headers, not whose files, are too large: refused before they fill the memory."""

import gzip
import tarfile
import time
import tracemalloc

import pytest
from rework.errors import DataError
from rework.formats import cifar, picture_archive, tar_headers

ATTRIBUTES = {
    "a long name": tarfile.GNUTYPE_LONGNAME,
    "attributes of a file": tarfile.XHDTYPE,
    "attributes of all": tarfile.XGLTYPE,
}


def read(path):
    return list(picture_archive.read_members(path, lambda _: True))


@pytest.mark.parametrize("kind", ATTRIBUTES.values(), ids=ATTRIBUTES)
@pytest.mark.parametrize("after", [0, 1])
def test_a_header_that_announces_much_is_not_read(tmp_path, kind, after):
    path, size = tmp_path / "cifar-10-python.tar.gz", 30_000_000
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, size
    small = tarfile.TarInfo("small").tobuf()
    path.write_bytes(gzip.compress(small * after + header.tobuf() + bytes(size)))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="a header announces 30,000,000 bytes, expected at most 1,048,576"):
            read(path)
        with pytest.raises(DataError, match="a header announces 30,000,000 bytes"):
            cifar.read_cifar(path)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read(tmp_path, form):
    path, name = tmp_path / "pictures.tgz", "folder/" + "ä" * 110 + ".jpg"
    with tarfile.open(path, "w:gz", format=form) as archive:
        archive.addfile(tarfile.TarInfo(name))
    assert read(path) == [(name, b"")]


def test_too_many_members_are_refused(tmp_path):
    path = tmp_path / "pictures.tgz"
    for count in (10, 11):
        with tarfile.open(path, "w:gz") as archive:
            for number in range(count):
                archive.addfile(tarfile.TarInfo(f"{number}.jpg"))
        with tarfile.open(path, "r|gz", tarinfo=tar_headers.SmallHeader) as archive:
            if count == 10:
                assert len(list(tar_headers.headers(archive, path, 10))) == 10
                continue
            with pytest.raises(DataError, match=r"pictures\.tgz: holds more than 10 files"):
                list(tar_headers.headers(archive, path, 10))


def hostile(size, attribute):
    """Return the header of a member of a size, in its own field or in an attribute before it."""
    header = tarfile.TarInfo("a.jpg")
    if attribute:
        header.pax_headers = {"size": str(size)}
        return header.tobuf(tarfile.PAX_FORMAT)
    header.size = size
    return header.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("size", [2**33, 2**62, 2**62 + 511, -1, -(2**40)])
@pytest.mark.parametrize("attribute", [False, True])
@pytest.mark.parametrize("wanted", [False, True])
def test_an_absurd_size_is_refused_at_once(tmp_path, size, attribute, wanted):
    """Skipping 4 exabytes takes years; a negative size leads back to the beginning, without end."""
    path = tmp_path / "cifar-10-python.tar.gz"
    for after in (b"", tarfile.TarInfo("b").tobuf()):
        path.write_bytes(gzip.compress(hostile(size, attribute) + bytes(1024) + after))
        started = time.monotonic()
        with pytest.raises(DataError):
            list(picture_archive.read_members(path, lambda _: wanted))
        with pytest.raises(DataError):
            cifar.read_cifar(path)
        assert time.monotonic() - started < 2
