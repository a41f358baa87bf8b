"""The sample of pictures with captions: Karpathy's form, reproducible, even, true of what was drawn, learnable."""

import hashlib
import io
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rework.errors import ConfigError
from rework.evaluation.contents import KINDS, NOUNS, is_right, mentioned
from rework.files import read_json
from rework.formats.zip_archive import read_zip_members
from rework.samples import aerial_scenes, captions
from rework.samples.aerial_captions import CAPTIONS, SENTENCES
from rework.samples.aerial_scenes import TYPES, draw_scene
from rework.seeds import derive_seed

COUNTS = {"train": 30, "validation": 10, "test": 12}
seeds_and_types = given(seed=st.integers(0, 2**32 - 1), name=st.sampled_from(TYPES))


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captions")
    captions.generate(folder, 1, COUNTS)
    return folder


@pytest.fixture(scope="module")
def described():
    return captions.draw_split(200, derive_seed(0, "captions"))


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def drawn(name, seed):
    random = np.random.default_rng(seed)
    scene, _ = draw_scene(name, random, captions.LEAST_SIZE)
    return scene, captions.captions(scene, random)


def test_equal_seeds_give_equal_bytes_and_others_do_not(raw, tmp_path):
    for folder, seed in (("again", 1), ("other", 2)):
        captions.generate(tmp_path / folder, seed, COUNTS)
    assert hashes(tmp_path / "again") == hashes(raw)
    assert not set(hashes(tmp_path / "other").values()) & set(hashes(raw).values())


def test_number_of_test_pictures_leaves_the_training_pictures_alone(raw, tmp_path):
    captions.generate(tmp_path, 1, {**COUNTS, "test": 20})
    before, after = (read_json(folder / captions.DESCRIPTIONS)["images"] for folder in (raw, tmp_path))
    assert after[:30] == before[:30]


def test_descriptions_have_the_form_of_karpathy(raw):
    content = read_json(raw / captions.DESCRIPTIONS)
    assert content["dataset"] == "aerial-scenes"
    sentences = [sentence for image in content["images"] for sentence in image["sentences"]]
    assert [sentence["sentid"] for sentence in sentences] == list(range(5 * 52))
    for number, image in enumerate(content["images"]):
        assert image["filename"] == f"{number + 1}.png"
        assert image["sentids"] == [sentence["sentid"] for sentence in image["sentences"]]
        assert {image["imgid"], *(sentence["imgid"] for sentence in image["sentences"])} == {number}
        assert len({sentence["raw"] for sentence in image["sentences"]}) == CAPTIONS == 5
        for sentence in image["sentences"]:
            assert " ".join(sentence["tokens"]) == sentence["raw"]
            assert is_right(sentence["tokens"], image["contents"])
    assert Counter(image["split"] for image in content["images"]) == {"train": 30, "val": 10, "test": 12}


def test_archive_holds_the_described_pictures(raw):
    names = [image["filename"] for image in read_json(raw / captions.DESCRIPTIONS)["images"]]
    members = dict(read_zip_members(raw / captions.PICTURES, lambda name: name.suffix == ".png", 2**20))
    assert [str(name) for name in members] == [f"imgs/{name}" for name in names]
    pictures = [Image.open(io.BytesIO(content)) for content in members.values()]
    assert {(picture.format, picture.mode, picture.size) for picture in pictures} == {("PNG", "RGB", (96, 96))}


def test_size_is_an_option(tmp_path):
    captions.generate(tmp_path, 1, {"train": 1, "validation": 1, "test": 1, "size": 40})
    for _, content in read_zip_members(tmp_path / captions.PICTURES, lambda name: name.suffix == ".png", 2**20):
        assert Image.open(io.BytesIO(content)).size == (40, 40)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": 0}, "option train is 0"),
        ({"test": "many"}, "option test is 'many'"),
        ({"validation": None}, "option validation is None"),
        ({"size": 31}, "option size is 31, expected at least 32 pixels"),
    ],
)
def test_wrong_options(tmp_path, change, message):
    with pytest.raises(ConfigError, match=f"the sample of the captions: {message}"):
        captions.generate(tmp_path, 1, {**COUNTS, **change})
    assert hashes(tmp_path) == {}


@pytest.mark.parametrize("count", [10, 12, 30])
def test_types_are_equally_frequent_and_in_random_order(count):
    names = [one.scene.name for one in captions.draw_split(count, 3)]
    frequencies = Counter(names)
    assert set(frequencies) == set(TYPES)
    assert set(frequencies.values()) <= {count // 10, -(-count // 10)}
    assert names[:10] != list(TYPES)


@settings(max_examples=150, deadline=None)
@seeds_and_types
def test_captions_are_true_of_their_scene(seed, name):
    scene, texts = drawn(name, seed)
    assert len(set(texts)) == CAPTIONS
    counts = {things.count for things in scene.things}
    shapes = {things.shape for things in scene.things}
    colours = {colour for things in scene.things for colour in things.colours} | {scene.water}
    for text in texts:
        words = text.split()
        assert is_right(words, scene.kinds)
        assert set(words) & {"red", "grey", "white", "green", "yellow", "brown", "blue"} <= colours
        assert set(words) & {"straight", "curved"} <= shapes
        assert {{"two": 2, "three": 3, "four": 4}[word] for word in words if word in ("two", "three", "four")} <= counts
        assert max(counts) > 5 or not {"many", "lots"} & set(words)
        assert scene.trees or "trees" not in words
        assert scene.water or not {"sea", "water"} & set(words)


@settings(max_examples=100, deadline=None)
@seeds_and_types
def test_caption_that_speaks_of_something_absent_is_wrong(seed, name):
    scene, texts = drawn(name, seed)
    for kind in set(KINDS) - set(scene.kinds):
        for noun in (*NOUNS[kind].one, *NOUNS[kind].many, *NOUNS[kind].area):
            assert not is_right([*texts[0].split(), "and", noun], scene.kinds)
    for kind in scene.kinds:
        for words in map(str.split, texts):
            assert is_right(words, set(KINDS) - {kind}) == (kind not in mentioned(words))


@settings(max_examples=100, deadline=None)
@seeds_and_types
def test_numbers_and_verbs_agree(seed, name):
    _, texts = drawn(name, seed)
    for text in texts:
        assert not re.search(r"\ba [aeio]", text)
        for kind in KINDS:
            one, many = ("|".join(words) for words in (NOUNS[kind].one, NOUNS[kind].many))
            several = "two|three|four|some|many|lots of"
            verbs = "is|flows|leads|leaves|lies|runs|sails|stands"
            assert not re.search(rf"^({several}) (\w+ )?({many}) ({verbs})\b", text)
            assert not re.search(rf"\b({one}) (are|flow|lead|leave|lie|run|sail|stand)\b", text)
            assert not re.search(rf"\b({several}) (\w+ )?({one})\b", text)
            assert not re.search(rf"\ba (\w+ )?({many})\b", text)


def test_nouns_of_the_grammar_are_those_of_the_check():
    for sentences in SENTENCES.values():
        for sentence in sentences:
            assert not mentioned(re.sub(r"\{[^}]*\}", "", sentence).split())
    assert set(SENTENCES) == set(TYPES)


def test_vocabulary_is_small_and_without_punctuation(described):
    words = Counter(word for one in described for text in one.captions for word in text.split())
    assert 60 <= len(words) <= 100
    assert min(words.values()) >= 3
    assert all(re.fullmatch("[a-z]+", word) for word in words)
    assert max(len(text.split()) for one in described for text in one.captions) <= 20
    assert mentioned(list(words)) == set(KINDS)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), name=st.sampled_from(["village", "crossing", "sea", "depot", "terminal"]))
def test_what_is_counted_was_drawn_wholly_in_the_picture(seed, name):
    places = {kind: [] for kind in KINDS}

    def recorded(kind, draw):
        def draw_and_record(view, *arguments, **settings):
            points = np.array([point for point in arguments if isinstance(point, tuple) and len(point) == 2])
            places[kind].append((view, points))
            return draw(view, *arguments, **settings)

        return draw_and_record

    with pytest.MonkeyPatch.context() as patch:
        for kind, function in (("houses", "house"), ("tanks", "tank"), ("ships", "ship"), ("bridges", "bridge")):
            patch.setattr(aerial_scenes.shapes, function, recorded(kind, getattr(aerial_scenes.shapes, function)))
        scene, _ = draw_scene(name, np.random.default_rng(seed))
    for things in scene.things:
        if places[things.kind]:
            assert len(places[things.kind]) == things.count
            assert all(view.sees(tuple(point), 0.02) for view, points in places[things.kind] for point in points)


def test_pictures_are_in_colour_and_varied(described):
    pictures = np.stack([one.picture for one in described])
    assert pictures.dtype == np.uint8
    assert pictures.shape == (200, 96, 96, 3)
    assert len({picture.tobytes() for picture in pictures}) == 200
    assert pictures.std(axis=(1, 2)).max(axis=1).min() > 8  # something is to be seen in each
    for name in TYPES:
        of_type = pictures[[one.scene.name == name for one in described]]
        assert of_type.std(axis=0).min() > 2  # no place is always the same


def test_nearest_neighbour_tells_most_types(described):
    """By mean colours alone, of another picture: far above chance (0.1), far from perfect."""
    names = np.array([one.scene.name for one in described])
    colours = np.stack([one.picture.mean(axis=(0, 1)) for one in described])
    distances = np.linalg.norm(colours[:, None] - colours, axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert 0.5 < (names[distances.argmin(axis=1)] == names).mean() < 0.95
