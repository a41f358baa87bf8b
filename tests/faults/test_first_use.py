"""Files without a known checksum: each proves its format before its checksum is recorded; pages are told from data."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest
from file_server import Answer
from rework.assets import fetch_asset
from rework.downloading import DownloadSettings
from rework.errors import DataError
from rework.first_bytes import looks_like
from rework.formats.proofs import fault_of
from rework.settings.data import AssetSettings

HTML = b"<html><head><title>Sign in</title></head><body>Please sign in</body></html>"
PAGES = {
    "XHTML": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- portal -->\n<!DOCTYPE html PUBLIC "x">\n' + HTML,
    "comment": b"<!-- portal --><!-- again -->\n" + HTML,
    "script": b"<script>window.location='https://portal.example/'</script>",
    "meta": b"<META http-equiv='refresh' content='0'>",
    "body": b"\r\n <BODY bgcolor=white>",
}
MESSAGES = {
    "JSON": (b' {"error": "rate limit exceeded"}', "JSON"),
    "XML": (b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "an XML message"),
    "XML without a declaration": (b"<Error><Code>NoSuchKey</Code></Error>", "an XML message"),
    "text": ("Wegen Überlastung umgezogen.\n".encode(), "plain text"),
    "empty": (b"", "an empty file"),
    "binary": (bytes(range(7, 250)), "something else"),
}
NAMES = ("data.zip", "pictures.tgz", "texts.tar.gz", "letter.data.gz", "net.pth", "net.pt", "road.jpg", "dataset.json")


def unknown(name, *urls):
    return AssetSettings(id="x", file=name, urls=urls, sha256=None, bytes=None, licence="", citation="")


def refusal(name, folder, url=None, content=None):
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        fetch_asset(unknown(name, *([] if url is None else [url])), folder, settings=DownloadSettings(attempts=1))
    left = {path.name for path in folder.iterdir()}
    assert left == ({name} if content is not None else set()), "nothing is recorded, and nothing else left"
    return str(caught.value)


def zipped(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return packed.getvalue()


CAPTIONS = {"images": [{"filename": "1.tif", "split": "train", "sentences": [{"tokens": ["a", "road"]}]}]}
LINE = "\t".join(["1", "a", "-1", "1", "1", "0", *"01" * 64]).encode() + b"\t\n"
GOOD = {
    "data.zip": zipped({"a.mat": bytes(100)}),
    "pictures.tgz": tarred({"a.jpg": bytes(100)}),
    "letter.data.gz": gzip.compress(LINE),
    "net.pth": zipped({"net/data.pkl": b"x"}),
    "dataset.json": json.dumps(CAPTIONS).encode(),
    "road.jpg": b"\xff\xd8\xff\xe0 and so on",
    "points.csv": b"1,2\n",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_never_taken_for_a_file(server, tmp_path, page):
    url = server.serve("/a", Answer(page))
    for number, name in enumerate(("points.csv", *NAMES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert "sent an HTML page in place of the file" in refusal(name, folder, url)
        assert "looks like an HTML page (it starts with b" in refusal(name, folder, content=page)


@pytest.mark.parametrize(("message", "said"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_is_refused_with_what_it_looks_like(server, tmp_path, message, said):
    url = server.serve("/a", Answer(message))
    for number, name in enumerate(NAMES):
        folder = tmp_path / str(number)
        folder.mkdir()
        for text in (refusal(name, folder, url), refusal(name, folder, content=message)):
            assert name == "dataset.json" or f"looks like {said}" in text


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_recorded_and_a_part_of_it_is_not(server, tmp_path, name):
    content = GOOD[name]
    fetched = fetch_asset(unknown(name, server.serve("/a", Answer(content))), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.sha256"}
    assert fetched.path.read_bytes() == content
    if name not in ("road.jpg", "points.csv"):
        part = tmp_path / "part"
        part.mkdir()
        assert f"{name}: is not a" in refusal(name, part, content=content[: len(content) // 2]).replace(
            "captions", "a "
        )


@pytest.mark.parametrize("name", ["letter.data.gz", "images.gz"])
def test_a_packed_page_is_a_page(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(HTML))
    assert fault_of(path, name) is not None


def test_an_archive_must_hold_something(tmp_path):
    for name, content in (("a.zip", zipped({})), ("a.tgz", tarred({}))):
        assert (
            "expected a zip archive" in (text := refusal(name, tmp_path, content=content)) or "holds no files" in text
        )
        (tmp_path / name).unlink()


def test_after_a_page_the_next_address_is_asked(server, tmp_path):
    page, good = server.serve("/1", Answer(MESSAGES["text"][0])), server.serve("/2", Answer(GOOD["data.zip"]))
    assert fetch_asset(unknown("data.zip", page, good), tmp_path).origin == good


def test_a_local_folder_gives_no_page_either(tmp_path):
    local, data = tmp_path / "local", tmp_path / "data"
    local.mkdir()
    (local / "data.zip").write_bytes(HTML)
    with pytest.raises(DataError, match="no file with this content"):
        fetch_asset(unknown("data.zip"), data, [local])
    (local / "data.zip").write_bytes(GOOD["data.zip"])
    assert fetch_asset(unknown("data.zip"), data, [local]).how == "copied"


def test_binary_data_look_like_nothing():
    assert looks_like(GOOD["data.zip"]) is None
    assert looks_like(GOOD["letter.data.gz"]) is None
