"""Karpathy's JSON of captions: what is written comes back, and whatever is wrong is named with its place."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats import karpathy
from rework.formats.karpathy import CaptionedPicture, read_captions

WORD = st.text("abAZ09.,'-<>\u00e9\u00df\u6f22\u200c\U0001f6a2", min_size=1, max_size=6)
CAPTIONS = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=5)
NAME = st.text("abc019_-", min_size=1, max_size=8).map(lambda stem: f"{stem}.tif")
FOLDER = st.sampled_from(["", "imgs/", "a/b/"])
SPLIT = st.sampled_from(["train", "restval", "val", "test"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
OURS = {"train": "train", "restval": "train", "val": "validation", "test": "test"}


def an_image(**changes):
    return {"filename": "1.tif", "split": "train", "sentences": [{"tokens": ["A", "river"]}], **changes}


def written(path, content, **options):
    path.write_text(json.dumps(content, **options), encoding="utf-8")
    return path


def refusal(path):
    with pytest.raises(DataError) as refused:
        read_captions(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def outcome(path):
    """Return what is read, and why nothing is."""
    try:
        return read_captions(path), ""
    except DataError as error:
        return (), str(error)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("karpathy") / "dataset.json"


@settings(max_examples=40)
@given(
    pictures=st.lists(
        st.tuples(NAME, FOLDER, SPLIT, CAPTIONS, st.lists(WORD, max_size=3)),
        min_size=1,
        max_size=6,
        unique_by=lambda picture: picture[0],
    ),
    ascii_only=st.booleans(),
)
def test_what_is_written_comes_back_in_its_order(path, pictures, ascii_only):
    images = [
        {
            "filename": folder + name,
            "imgid": number,
            "split": split,
            "sentences": [{"tokens": words, "raw": " ".join(words)} for words in captions],
            "contents": contents,
        }
        for number, (name, folder, split, captions, contents) in enumerate(pictures)
    ]
    written(path, {"images": images, "dataset": "x"}, ensure_ascii=ascii_only)
    assert read_captions(path) == tuple(
        CaptionedPicture(name, OURS[split], tuple(map(tuple, captions)), tuple(contents))
        for name, _, split, captions, contents in pictures
    )


PLACES = {
    "file": lambda content: content,
    "list": lambda content: {"images": content},
    "picture": lambda content: {"images": [content]},
    "sentence": lambda content: {"images": [an_image(sentences=[content])]},
    "words": lambda content: {"images": [an_image(sentences=[{"tokens": content}])]},
    **{
        key: lambda content, key=key: {"images": [an_image(**{key: content})]}
        for key in ("filename", "split", "sentences", "contents")
    },
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=15)
@given(content=ANYTHING)
def test_no_content_is_more_than_a_refusal(path, place, content):
    """Whatever JSON stands in the place of the file or a part of it, it is read or refused in one line."""
    written(path, PLACES[place](content))
    found, reason = outcome(path)
    assert all(isinstance(picture, CaptionedPicture) for picture in found)
    assert bool(found) is not (reason.startswith(f"{path}: ") and "\n" not in reason)


@settings(max_examples=30)
@given(content=st.binary(max_size=60))
def test_no_bytes_are_more_than_a_refusal(path, content):
    path.write_bytes(content)
    assert refusal(path)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (3, "images[1]: found 3, expected an object"),
        (an_image(filename=None), "images[1].filename: found None, expected the name of a file"),
        (an_image(filename="/"), "images[1].filename: found '/', expected the name of a file"),
        (an_image(filename="a\0.tif"), "images[1].filename: found 'a\\x00.tif', expected the name of a file"),
        (an_image(filename="\ud800.tif"), "images[1].filename: found '\\ud800.tif', expected the name of a file"),
        (an_image(split="valid"), "images[1].split: found 'valid', expected train, restval, val, test"),
        (an_image(split=["val"]), "images[1].split: found ['val'], expected train, restval, val, test"),
        (an_image(sentences=[]), "images[1].sentences: expected at least one caption"),
        (an_image(sentences="a river"), "images[1].sentences: expected at least one caption"),
        (an_image(sentences=["a river"]), "images[1].sentences[0].tokens: found None, expected a list of texts"),
        (
            an_image(sentences=[{"tokens": ["a"]}, {"tokens": "a b"}]),
            "images[1].sentences[1].tokens: found 'a b', expected a list of texts",
        ),
        (an_image(sentences=[{"tokens": []}]), "images[1].sentences[0].tokens: expected at least one word"),
        (an_image(sentences=[{"tokens": ["a", ""]}]), "images[1].sentences[0].tokens: a word is empty or holds blanks"),
        (
            an_image(sentences=[{"tokens": ["a\u00a0b"]}]),
            "images[1].sentences[0].tokens: a word is empty or holds blanks",
        ),
        (
            an_image(sentences=[{"tokens": ["\udc00"]}]),
            "images[1].sentences[0].tokens: a word holds what is no character",
        ),
        (an_image(sentences=[{"tokens": ["a\0"]}]), "images[1].sentences[0].tokens: a word holds what is no character"),
        (an_image(contents=["storage tank"]), "images[1].contents: a word is empty or holds blanks"),
        (an_image(contents={"a": 1}), "images[1].contents: found {'a': 1}, expected a list of texts"),
        (an_image(filename="imgs/0.tif"), "0.tif stands there twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path, image, message):
    assert refusal(written(path, {"images": [an_image(filename="0.tif"), image]})) == message


@pytest.mark.parametrize("content", [[], {}, {"images": {}}, {"images": []}, "images", None, 3])
def test_another_kind_of_file_is_named(path, content):
    expected = "expected an object with a list of images, as in Karpathy's dataset.json"
    assert refusal(written(path, content)) == expected


def test_long_wrong_values_are_cut_off(path):
    message = refusal(written(path, {"images": [an_image(split="x" * 10**6)]}))
    assert len(message) < 200


def test_a_file_that_windows_marked_is_read(path):
    path.write_text(json.dumps({"images": [an_image()]}), encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_captions(path)[0].captions == (("A", "river"),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe{\x00",
        b'{"images": [' + b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"images": ' + b"1" * 5000 + b"}",
    ],
    ids=["empty", "cut off", "UTF-16", "deep lists", "deep objects", "long number"],
)
def test_what_is_no_json_is_refused(path, content):
    path.write_bytes(content)
    assert refusal(path).startswith("no captions in JSON (")


def test_what_cannot_be_opened_and_what_is_too_large_is_named(tmp_path, monkeypatch):
    assert refusal(tmp_path / "none.json") == "no such file"
    (tmp_path / "folder.json").mkdir()
    assert refusal(tmp_path / "folder.json") == "a folder, expected a file"
    path = written(tmp_path / "large.json", {"images": [an_image()]})
    monkeypatch.setattr(karpathy, "LARGEST", path.stat().st_size)
    assert read_captions(path)
    monkeypatch.setattr(karpathy, "LARGEST", path.stat().st_size - 1)
    size = path.stat().st_size
    assert refusal(path) == f"{size} bytes, expected at most {size - 1}"


def test_a_huge_file_is_refused_unread(tmp_path):
    """It is sparse; to read it would take a gigabyte of memory."""
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    assert refusal(path) == "1,073,741,824 bytes, expected at most 524,288,000"
