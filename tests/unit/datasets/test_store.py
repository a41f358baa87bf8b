"""Stored data sets: what is written comes back, equal data give equal bytes, and damage is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rework.datasets.layouts import LAYOUTS, SPLITS, Array, Layout
from rework.datasets.store import AssetRecord, RawSplits, channel_statistics, open_dataset, write_dataset
from rework.errors import DataError
from rework.files import sha256_file
from rework.recorded import read_record, write_record
from rework.settings.data import DatasetSettings

SETTINGS = DatasetSettings(name="shapes", sample=True, assets=())
CLASSES = ("disc", "square", "star")


def raw(channels=2, **changes):
    random = np.random.default_rng(0)
    splits = {
        name: (random.integers(0, 256, (count, channels, 4, 5), np.uint8), random.integers(0, 3, count))
        for name, count in (("train", 20), ("validation", 6), ("test", 7))
    }
    return RawSplits(splits={**splits, **changes}, classes=CLASSES, notes=("Drawn.",))


def test_what_is_written_comes_back(tmp_path):
    written = raw()
    asset = AssetRecord(id="a", file="a.gz", sha256="0" * 64, substitute="Other.", comparable=False)
    write_dataset(tmp_path, written, SETTINGS, assets=[asset], provenance={"step": "preprocess"})
    stored = open_dataset(tmp_path)
    assert (stored.name, stored.sample, stored.classes) == ("shapes", True, CLASSES)
    assert list(stored.splits) == ["train", "validation", "test"]
    for name, (inputs, targets) in written.splits.items():
        np.testing.assert_array_equal(stored.splits[name].inputs, inputs)
        np.testing.assert_array_equal(stored.splits[name].targets, targets)
        described = stored.info["splits"][name]
        assert described["count"] == len(targets)
        assert described["per_class"] == [int((targets == number).sum()) for number in range(3)]
        for part, array in (("inputs", inputs), ("targets", targets)):
            assert described[part]["file"] == f"{name}_{part}.npy"
            assert described[part]["shape"] == list(array.shape)
            assert described[part]["sha256"] == sha256_file(tmp_path / f"{name}_{part}.npy")
    assert stored.info["assets"] == [
        {"id": "a", "file": "a.gz", "sha256": "0" * 64, "substitute": "Other.", "comparable": False}
    ]
    assert stored.info["notes"] == ["Drawn."]
    assert stored.info["provenance"] == {"step": "preprocess"}
    assert stored.sha256 == sha256_file(tmp_path / "dataset.json")


def test_arrays_are_mapped_and_cannot_be_changed(tmp_path):
    write_dataset(tmp_path, raw(), SETTINGS)
    inputs = open_dataset(tmp_path).splits["train"].inputs
    assert isinstance(inputs, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        inputs[0] = 0


def test_equal_data_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        write_dataset(tmp_path / name, raw(), SETTINGS)
    contents = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 7


def test_views_are_written_like_copies(tmp_path):
    """A reader may hand over slices and transposed views; the bytes must not tell."""
    copies = raw()
    views = {name: (inputs[:, ::-1][:, ::-1], targets) for name, (inputs, targets) in copies.splits.items()}
    write_dataset(tmp_path / "copies", copies, SETTINGS)
    write_dataset(tmp_path / "views", raw(**views), SETTINGS)
    assert open_dataset(tmp_path / "copies").sha256 == open_dataset(tmp_path / "views").sha256


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))))
def test_statistics_against_numpy(inputs):
    mean, std = channel_statistics(inputs)
    scaled = inputs.astype(np.float64) / 255
    np.testing.assert_allclose(mean, scaled.mean(axis=(0, 2, 3)), atol=1e-12)
    np.testing.assert_allclose(std, scaled.std(axis=(0, 2, 3)), atol=1e-12)


def test_statistics_are_of_the_training_split(tmp_path):
    black = np.zeros((4, 2, 4, 5), np.uint8)
    write_dataset(tmp_path, raw(train=(black, np.zeros(4, np.int64))), SETTINGS)
    assert open_dataset(tmp_path).mean == (0.0, 0.0)
    assert open_dataset(tmp_path).std == (0.0, 0.0)


def images(*shape, dtype=np.uint8):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ((images(4, 2, 4, 5, dtype=np.float64), np.zeros(4, np.int64)), "inputs are float64"),
        ((images(4, 2, 4, 5), np.zeros(4, np.int32)), "targets are int32"),
        ((images(4, 2, 4, 5), np.zeros(3, np.int64)), r"targets are \(3,\), expected 4 examples"),
        ((images(0, 2, 4, 5), np.zeros(0, np.int64)), "inputs hold nothing"),
        ((images(4, 2, 4, 5), np.array([0, 1, 3, 0])), "targets from 0 to 3, expected 0 to 2"),
        ((images(4, 2, 4, 5), np.array([0, -1, 2, 0])), "targets from -1 to 2"),
        ((images(4, 2, 4, 6), np.zeros(4, np.int64)), "differ in shape between splits"),
    ],
)
def test_malformed_splits_are_refused(tmp_path, train, message):
    with pytest.raises(DataError, match=message):
        write_dataset(tmp_path, raw(train=train), SETTINGS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [("train", "test"), ("train", "validation", "test", "extra")])
def test_wrong_set_of_splits_is_refused(tmp_path, names):
    splits = {name: raw().splits["train"] for name in names}
    with pytest.raises(DataError, match=r"expected \['train', 'validation', 'test'\]"):
        write_dataset(tmp_path, RawSplits(splits=splits, classes=CLASSES), SETTINGS)


def test_missing_data_set(tmp_path):
    with pytest.raises(DataError, match=r"dataset\.json: no such file"):
        open_dataset(tmp_path)


def damage_truncate(folder):
    path = folder / "train_inputs.npy"
    path.write_bytes(path.read_bytes()[:-1])
    return r"train_inputs\.npy: damaged"


def damage_empty(folder):
    (folder / "test_targets.npy").write_bytes(b"")
    return r"test_targets\.npy: damaged"


def damage_pickle(folder):
    np.save(folder / "test_targets.npy", np.array([{}], dtype=object), allow_pickle=True)
    return r"test_targets\.npy: damaged"


def damage_remove(folder):
    (folder / "train_targets.npy").unlink()
    return r"train_targets\.npy: no such file"


def damage_exchange(folder):
    np.save(folder / "train_targets.npy", np.zeros(21, np.int64))
    return r"train_targets\.npy: holds int64 \[21\], but dataset\.json says int64 \[20\]"


def damage_key(folder):
    path = folder / "dataset.json"
    write_record(path, {key: value for key, value in read_record(path).items() if key != "mean"})
    return r"dataset\.json: not the description of a data set \(KeyError\('mean'\)\)"


def damage_value(folder):
    path = folder / "dataset.json"
    path.write_text(path.read_text().replace('"sample": true', '"sample": false'))
    return r"dataset\.json: its record_sha256 is not that of its content, so it was changed after it was made"


def damage_kind(folder):
    (folder / "dataset.json").write_text("[]")
    return r"dataset\.json: not a JSON object"


@pytest.mark.parametrize(
    "damage",
    [
        damage_truncate,
        damage_empty,
        damage_pickle,
        damage_remove,
        damage_exchange,
        damage_key,
        damage_value,
        damage_kind,
    ],
)
def test_damage_is_named(tmp_path, damage):
    write_dataset(tmp_path, raw(), SETTINGS)
    with pytest.raises(DataError, match=damage(tmp_path)):
        open_dataset(tmp_path)


def test_numbers_need_no_classes_and_keep_their_type(tmp_path):
    random = np.random.default_rng(1)
    splits = {
        name: (random.normal(size=(count, 3)).astype(np.float32), random.normal(size=(count, 2)).astype(np.float32))
        for name, count in (("train", 5), ("validation", 2), ("test", 3))
    }
    assert write_dataset(tmp_path, RawSplits(splits), SETTINGS) == "train 5, validation 2, test 3"
    stored = open_dataset(tmp_path)
    assert (stored.classes, stored.mean, stored.std) == ((), (), ())
    assert "per_class" not in stored.info["splits"]["train"]
    for name, arrays in splits.items():
        for found, written in zip(stored.splits[name].arrays.values(), arrays, strict=True):
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, written)


def test_numbers_are_no_classes(tmp_path):
    numbers = (np.zeros((4, 3), np.float32), np.zeros(4, np.float32))
    with pytest.raises(DataError, match=r"split train: targets are float32 .* expected the numbers of classes"):
        write_dataset(tmp_path, RawSplits(dict.fromkeys(SPLITS, numbers), CLASSES), SETTINGS)


PAIRS = Layout(
    arrays={
        "pictures": Array(("uint8",), ("pictures", "height", "width")),
        "tokens": Array(("int64",), ("tokens",)),
        "offsets": Array(("int64",), ("texts + 1",)),
        "picture_of": Array(("int64",), ("texts",)),
    },
    counts={"count": "pictures", "texts": "texts"},
    bounds={"offsets": "tokens"},
)


def pairs(**changes):
    arrays = {
        "pictures": np.zeros((2, 3, 4), np.uint8),
        "tokens": np.arange(7),
        "offsets": np.array([0, 3, 5, 7]),
        "picture_of": np.array([0, 0, 1]),
    }
    return tuple((arrays | changes).values())


def test_no_size_of_a_split_has_the_name_of_an_array_whose_description_would_replace_it():
    for name, layout in LAYOUTS.items():
        assert not {*layout.counts, "per_class"} & set(layout.arrays), name


def test_texts_are_stored_and_other_types_in_their_place_refused(tmp_path, monkeypatch):
    arrays = {"inputs": Array(("uint8",), ("pictures",)), "names": Array(("text",), ("pictures",))}
    monkeypatch.setitem(LAYOUTS, "named", Layout(arrays, counts={"count": "pictures"}))
    settings = DatasetSettings("named", True, (), layout="named")
    texts = {"train": ["a", "\u00e9\u6f22\U0001f6a2 and more"], "validation": ["", "b"], "test": ["c", "d"]}
    splits = {split: (np.zeros(2, np.uint8), np.array(found)) for split, found in texts.items()}
    write_dataset(tmp_path, RawSplits(splits), settings)
    stored = open_dataset(tmp_path)
    assert {split: stored.splits[split].arrays["names"].tolist() for split in SPLITS} == texts
    for wrong in (np.array([b"a", b"b"]), np.array(["a", "b"], dtype=object), np.array([1, 2])):
        with pytest.raises(DataError, match=r"split test: names are \S+ \(2,\), expected text \(pictures\)"):
            write_dataset(tmp_path, RawSplits({**splits, "test": (splits["test"][0], wrong)}), settings)


def test_a_layout_of_another_kind_is_a_row_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setitem(LAYOUTS, "pairs", PAIRS)
    settings = DatasetSettings("captions", True, (), layout="pairs")
    write_dataset(tmp_path, RawSplits(dict.fromkeys(SPLITS, pairs())), settings)
    stored = open_dataset(tmp_path)
    assert stored.info["splits"]["test"]["texts"] == 3
    assert stored.splits["test"].arrays["tokens"].tolist() == list(range(7))
    assert {path.name for path in tmp_path.iterdir()} == set(PAIRS.file_names)
    assert len(PAIRS.file_names) == 1 + 3 * 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"picture_of": np.array([0, 1])}, r"picture_of are \(2,\), expected 3 texts"),
        ({"offsets": np.array([0, 3, 3, 7])}, "offsets do not go up from 0 to 7"),
        ({"tokens": np.zeros(7)}, r"tokens are float64 \(7,\), expected int64 \(tokens\)"),
        ({"tokens": np.zeros((7, 1), np.int64)}, "tokens differ in shape between splits"),
    ],
)
def test_arrays_that_do_not_fit_their_layout_are_refused(tmp_path, monkeypatch, changes, message):
    monkeypatch.setitem(LAYOUTS, "pairs", PAIRS)
    splits = {**dict.fromkeys(SPLITS, pairs()), "test": pairs(**changes)}
    with pytest.raises(DataError, match=message):
        write_dataset(tmp_path, RawSplits(splits), DatasetSettings("captions", True, (), layout="pairs"))
    assert list(tmp_path.iterdir()) == []
