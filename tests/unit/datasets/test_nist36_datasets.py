"""Characters, scenes and flowers: what the generators write is read back, and what is wrong is named."""

import io
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rework.datasets import flowers17, nist36, photographs, scenes8
from rework.datasets.even_choice import evenly
from rework.errors import ConfigError, DataError
from rework.formats.mat import labelled_pictures_file, read_labelled_pictures
from rework.formats.picture_archive import square_picture
from rework.samples import flowers17 as sample_flowers
from rework.samples import nist36 as sample_nist36
from rework.samples import photographs as sample_photographs
from rework.samples import scenes8 as sample_scenes
from rework.samples.photograph_archive import write_archive
from rework.settings.data import DatasetSettings
from scipy.io import savemat
from sklearn.linear_model import RidgeClassifier

OPTIONS = {
    "nist36": {"train": 12, "valid": 3, "test": 4},
    "scenes8": {"size": 48, "validation": 16, "train_per_class": 12, "test_per_class": 4},
    "flowers17": {"size": 48, "validation": 2, "test": 3, "per_class": 12},
}
MODULES = {
    "nist36": (nist36, sample_nist36, "data.zip"),
    "scenes8": (scenes8, sample_scenes, "scenes8.tgz"),
    "flowers17": (flowers17, sample_flowers, "17flowers.tgz"),
}


def settings_of(name, **options):
    return DatasetSettings(name, True, (), OPTIONS[name] | options)


@pytest.fixture(scope="module", params=MODULES)
def made(request, tmp_path_factory):
    """Name, raw folder and splits of each generated data set."""
    reader, generator, _ = MODULES[request.param]
    raw = tmp_path_factory.mktemp(request.param)
    generator.generate(raw, 5, OPTIONS[request.param])
    return request.param, raw, reader.read(raw, settings_of(request.param))


def test_the_same_seed_gives_the_same_bytes(made, tmp_path):
    name, raw, _ = made
    _, generator, file = MODULES[name]
    generator.generate(tmp_path / "again", 5, OPTIONS[name])
    generator.generate(tmp_path / "other", 6, OPTIONS[name])
    assert (tmp_path / "again" / file).read_bytes() == (raw / file).read_bytes()
    assert (tmp_path / "other" / file).read_bytes() != (raw / file).read_bytes()


def test_counts_are_as_asked_and_classes_balanced(made):
    name, _, found = made
    expected = {"nist36": (12, 3, 4), "scenes8": (10, 2, 4), "flowers17": (7, 2, 3)}[name]
    for split, count in zip(("train", "validation", "test"), expected, strict=True):
        inputs, targets = found.splits[split]
        assert np.bincount(targets).tolist() == [count] * len(found.classes)
        assert inputs.dtype == np.uint8
        assert len(inputs) == len(targets)


def test_a_linear_classifier_learns_something_and_not_all(made):
    name, _, found = made

    def features(split):
        return found.splits[split][0][:, :, ::2, ::2].reshape(len(found.splits[split][1]), -1) / 255

    model = RidgeClassifier().fit(features("train"), found.splits["train"][1])
    score = model.score(features("test"), found.splits["test"][1])
    assert 2 / len(found.classes) < score < 1, name


def test_characters_are_upright_and_dark_on_white(tmp_path):
    sample_nist36.generate(tmp_path, 1, {"train": 20, "valid": 1, "test": 1})
    inputs, targets = nist36.read(tmp_path, DatasetSettings("nist36", True, ())).splits["train"]
    assert inputs.mean() > 190
    letter = 255 - inputs[targets == nist36.CLASSES.index("L"), 0].astype(float).mean(axis=0)
    assert letter[18:].sum() > 1.2 * letter[:14].sum(), "an L has its foot below"
    assert letter[:, :16].sum() > letter[:, 16:].sum(), "and its stem on the left"


@given(classes=st.integers(1, 6), per_class=st.integers(2, 30), data=st.data())
def test_an_even_choice_takes_the_same_share_of_each_class(classes, per_class, data):
    each = data.draw(st.integers(1, per_class - 1))
    targets = np.random.default_rng(0).permutation(np.repeat(np.arange(classes), per_class))
    chosen = evenly(targets, each * classes)
    assert chosen.sum() == each * classes
    assert np.bincount(targets[chosen], minlength=classes).tolist() == [each] * classes


def mat_file(**variables):
    content = io.BytesIO()
    savemat(content, variables)
    return content.getvalue()


GOOD = {"train_data": np.full((2, 9), 0.5), "train_labels": np.eye(2)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_data": np.full((2, 8), 0.5)}, "train_data has shape"),
        ({"train_data": np.full((2, 9), 7.0)}, "from 7 to 7; expected about 0 to 1"),
        ({"train_data": np.full((2, 9), np.nan)}, "expected about 0 to 1"),
        ({"train_data": np.full((3, 9), 0.5)}, "3 pictures and 2 labels"),
        ({"train_labels": np.ones((2, 2))}, "row 1: expected a single 1"),
        ({"train_labels": np.array([[1, 0], [0.5, 0.5]])}, "row 2: expected a single 1"),
        ({"train_labels": "text"}, "train_labels is no matrix of real numbers"),
    ],
)
def test_a_matlab_file_that_is_not_as_it_should_be_is_named(changes, message):
    with pytest.raises(DataError, match=rf"f\.mat: .*{message}"):
        read_labelled_pictures(mat_file(**GOOD | changes), "f.mat", "train", 2, 3)


def test_a_matlab_file_without_the_variable_or_of_another_kind_is_named():
    with pytest.raises(DataError, match="no variable valid_data; there are train_data, train_labels"):
        read_labelled_pictures(mat_file(**GOOD), "f.mat", "valid", 2, 3)
    with pytest.raises(DataError, match="not a MATLAB file"):
        read_labelled_pictures(b"garbage" * 50, "f.mat", "train", 2, 3)


def test_pictures_are_stored_column_by_column_as_matlab_does():
    picture = np.arange(9, dtype=np.uint8).reshape(1, 3, 3) * 20
    content = labelled_pictures_file("train", picture, np.array([1]), 2)
    found, targets = read_labelled_pictures(content, "f.mat", "train", 2, 3)
    assert np.array_equal(found[0, 0], picture[0])
    assert targets.tolist() == [1]
    overshot = mat_file(train_data=np.array([[-0.1, 1.1, *[0.5] * 7]]), train_labels=np.array([[1, 0]]))
    assert read_labelled_pictures(overshot, "f.mat", "train", 2, 3)[0].ravel()[[0, 3]].tolist() == [0, 255]


def test_a_missing_member_and_a_damaged_archive_are_named(tmp_path):
    with pytest.raises(DataError, match=r"data\.zip: no such file"):
        nist36.read(tmp_path, settings_of("nist36"))
    (tmp_path / "data.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match=r"data\.zip: not a whole zip archive"):
        nist36.read(tmp_path, settings_of("nist36"))
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("data/nist36_train.mat", b"x")
    with pytest.raises(DataError, match=r"holds no nist36_valid\.mat"):
        nist36.read(tmp_path, settings_of("nist36"))


def picture_bytes(size=(60, 40), suffix="JPEG"):
    content = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(content, suffix)
    return content.getvalue()


def test_pictures_are_covered_and_cut_in_the_middle():
    wide = np.zeros((40, 120, 3), dtype=np.uint8)
    wide[:, 40:80] = 255
    content = io.BytesIO()
    Image.fromarray(wide).save(content, "PNG")
    found = square_picture(content.getvalue(), 20, "p")
    assert found.shape == (3, 20, 20)
    assert found[:, :, 2:18].min() > 240


@pytest.mark.parametrize("content", [b"", b"no picture", picture_bytes()[:200], picture_bytes((4, 200), "PNG")])
def test_a_picture_that_cannot_be_used_is_named(content):
    with pytest.raises(DataError, match=r"archive: p\.jpg"):
        square_picture(content, 16, "archive: p.jpg")


def test_an_archive_with_a_way_out_or_a_gap_in_it_is_refused(tmp_path):
    path = tmp_path / "17flowers.tgz"
    write_archive(path, [("../image_0001.jpg", picture_bytes())])
    with pytest.raises(DataError, match="leads out of the archive"):
        flowers17.read(tmp_path, settings_of("flowers17"))
    write_archive(path, [(f"jpg/image_{number:04d}.jpg", picture_bytes()) for number in range(1, 17)])
    with pytest.raises(DataError, match=r"16 pictures; expected image_0001\.jpg on, as many of each class"):
        flowers17.read(tmp_path, settings_of("flowers17"))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match=r"not a whole \.tgz archive"):
        flowers17.read(tmp_path, settings_of("flowers17"))


def test_links_in_an_archive_are_not_followed(tmp_path):
    path = tmp_path / "17flowers.tgz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("jpg/image_0001.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    with pytest.raises(DataError, match="0 pictures"):
        flowers17.read(tmp_path, settings_of("flowers17"))


def test_splits_that_leave_nothing_are_refused(made):
    name, raw, _ = made
    changes = {"nist36": None, "scenes8": {"validation": 96}, "flowers17": {"test": 10}}[name]
    if changes is not None:
        with pytest.raises(ConfigError, match="validation"):
            MODULES[name][0].read(raw, settings_of(name, **changes))


def test_lists_of_scenes_that_do_not_fit_are_named(tmp_path):
    lists = {name: b"a/x.jpg\n" if "files" in name else b"0\n" for name in scenes8.LISTS}
    write_archive(tmp_path / "scenes8.tgz", [("a/x.jpg", picture_bytes()), *lists.items()])
    with pytest.raises(DataError, match="expected each of 8 classes"):
        scenes8.read(tmp_path, settings_of("scenes8"))
    lists["train_files.txt"] = b"a/y.jpg\n"
    write_archive(tmp_path / "scenes8.tgz", [("a/x.jpg", picture_bytes()), *lists.items()])
    with pytest.raises(DataError, match=r"names a/y\.jpg, which is not in the archive"):
        scenes8.read(tmp_path, settings_of("scenes8"))
    del lists["test_labels.txt"]
    write_archive(tmp_path / "scenes8.tgz", list(lists.items()))
    with pytest.raises(DataError, match=r"holds no test_labels\.txt"):
        scenes8.read(tmp_path, settings_of("scenes8"))


def test_pages_are_read_with_their_text_and_a_missing_one_is_named(tmp_path):
    sample_photographs.generate(tmp_path, 2, {})
    pages = photographs.read(tmp_path, DatasetSettings("photographs", True, ()))
    assert {page.name: page.truth for page in pages} == dict(sample_photographs.PAGES)
    assert all(page.picture.ndim == 3 for page in pages)
    missing = DatasetSettings("photographs", False, (), {"truth": {"05_none": ["A"]}})
    with pytest.raises(DataError, match="no picture of 05_none; there are 01_picnic, 02_journey, 03_register"):
        photographs.read(tmp_path, missing)
    with pytest.raises(ConfigError, match="option truth"):
        photographs.read(tmp_path, DatasetSettings("photographs", False, ()))
    archive = next(tmp_path.glob("*.zip"))
    whole = archive.read_bytes()
    archive.write_bytes(whole[:200] + bytes(400) + whole[600:])
    with pytest.raises(DataError, match="not a whole zip archive"):
        photographs.read(tmp_path, DatasetSettings("photographs", True, ()))
    (tmp_path / "other.zip").write_bytes(whole)
    with pytest.raises(DataError, match=r"expected one archive, found .*other\.zip"):
        photographs.read(tmp_path, DatasetSettings("photographs", True, ()))
