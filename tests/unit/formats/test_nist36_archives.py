"""Archives of nist36: the tools that make substitutes, members that are too large or come twice, the real files."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st
from rework.datasets import flowers17, nist36, scenes8
from rework.datasets.idx_pictures import FILES
from rework.errors import DataError
from rework.formats import mat, picture_archive
from rework.formats.idx import read_pair, write_idx
from rework.formats.mat import labelled_pictures_file, read_labelled_pictures
from rework.samples import nist36 as sample_nist36
from rework.samples.characters import draw_characters
from rework.samples.flowers17 import draw_flower
from rework.samples.photograph_archive import jpeg, write_archive
from rework.samples.scenes8 import CLASSES as SCENES
from rework.settings.data import DatasetSettings
from scipy.io import savemat
from scipy.ndimage import distance_transform_edt, zoom
from skimage.morphology import skeletonize
from workflow_copy import REPOSITORY

CHARACTERS = "".join(nist36.CLASSES)
COUNTS = {"train": 34, "validation": 8, "test": 8}


def settings_of(name, **options):
    return DatasetSettings(name=name, sample=True, assets=(), options=options)


def call_tool(name, *arguments):
    command = [sys.executable, str(REPOSITORY / "tools" / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# The tools.


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A folder with a file of letters and MNIST's test files; its letters and digits; what the tool makes of them."""
    folder = tmp_path_factory.mktemp("sources")
    random = np.random.default_rng(2)
    targets = random.permutation(np.repeat(np.arange(26), 50))
    letters = 255 - draw_characters(targets.astype(np.uint8), random, CHARACTERS, 32, 23.0)
    (folder / "nist26_valid.mat").write_bytes(labelled_pictures_file("valid", letters, targets, 26))
    labels = random.permutation(np.repeat(np.arange(10, dtype=np.uint8), 60))
    digits = draw_characters(labels, random, "0123456789", 28, 20.0)
    for name, values in zip(FILES["test"], (digits, labels), strict=True):
        write_idx(folder / name, values)
    made = [folder / "made" / name for name in ("data.zip", "again.zip")]
    made[0].parent.mkdir()
    for path in made:
        done = call_tool(
            "make_nist36.py", "--letters", folder / "nist26_valid.mat", "--digits", folder, "--output", path
        )
        assert done.returncode == 0, done.stderr
    return folder, (letters, targets), (digits, labels), made


def test_the_substitute_is_in_the_official_layout_and_reproducible(sources):
    made = sources[3]
    assert sha256(made[0]) == sha256(made[1])
    with zipfile.ZipFile(made[0]) as archive:
        assert archive.namelist() == [f"data/nist36_{part}.mat" for part in ("train", "valid", "test")]
    found = nist36.read(made[0].parent, settings_of("nist36")).splits
    for split, count in COUNTS.items():
        assert np.bincount(found[split][1]).tolist() == [count] * 36


def test_the_substitute_holds_each_letter_and_digit_once_in_the_order_of_its_source(sources):
    _, (letters, targets), (digits, labels), made = sources
    found = nist36.read(made[0].parent, settings_of("nist36")).splits
    for number in range(36):
        joined = np.concatenate([found[split][0][found[split][1] == number, 0] for split in COUNTS])
        if number < 26:
            np.testing.assert_array_equal(joined, letters[targets == number])
        else:
            originals = np.stack([enlarged(digit) for digit in digits[labels == number - 26][:50]])
            shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
            moved = np.stack([np.roll(originals, shift, (1, 2)) for shift in shifts])
            for place, picture in enumerate(joined):
                apart = np.abs(moved - (255.0 - picture)).mean(axis=(2, 3)).min(axis=0)
                assert apart.argmin() == place, "another digit"


def box(ink):
    """Return the first and last row and column of some ink, each last one plus one."""
    rows, columns = np.nonzero(ink)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def enlarged(digit):
    """Return a digit with a longer side of 24 pixels in the middle of (32, 32), by SciPy."""
    top, left, bottom, right = box(digit > 127)
    larger = zoom(digit.astype(float), 24 / max(bottom - top, right - left), order=1)
    top, left, bottom, right = box(larger > 127)
    return np.pad(larger, 16)[(top + bottom) // 2 :, (left + right) // 2 :][:32, :32]


def thickness(pictures):
    """Return how wide the lines of dark characters are, in pixels: twice the distance of their middle to the white."""
    inks = [np.pad(picture < 128, 1) for picture in pictures]
    return np.mean([2 * distance_transform_edt(ink)[skeletonize(ink)].mean() for ink in inks])


@pytest.mark.parametrize("suffix", [".zip", ".tgz"])
def test_a_packed_folder_depends_on_nothing_but_its_files(tmp_path, suffix):
    contents = {"b.txt": b"two", "a/x.jpg": b"one", "a/empty": b""}
    for name, order in (("one", list(contents)), ("two", list(contents)[::-1])):
        for file in order:
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[file])
        (tmp_path / name / "link").symlink_to("b.txt")
        done = call_tool("pack_folder.py", tmp_path / name, tmp_path / f"{name}{suffix}")
        assert done.returncode == 0, done.stderr
    assert sha256(tmp_path / f"one{suffix}") == sha256(tmp_path / f"two{suffix}")
    if suffix == ".zip":
        with zipfile.ZipFile(tmp_path / "one.zip") as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
    else:
        with tarfile.open(tmp_path / "one.tgz") as archive:
            members = archive.getmembers()
            found = {member.name: archive.extractfile(member).read() for member in members}
        assert {(member.mtime, member.uid, member.gid, member.uname) for member in members} == {(0, 0, 0, "")}
    assert found == contents
    assert list(found) == sorted(contents)


def test_an_empty_folder_is_not_packed(tmp_path):
    (tmp_path / "empty").mkdir()
    done = call_tool("pack_folder.py", tmp_path / "empty", tmp_path / "made.tgz")
    assert done.returncode == 2
    assert "empty: holds no files" in done.stderr
    assert not (tmp_path / "made.tgz").exists()


# NIST36.


def test_rows_are_pictures_column_by_column():
    """The layout is built by hand here, not by the writer that belongs to the reader."""
    upright = np.zeros((32, 32))
    upright[4, 3:20] = 1.0  # a bar along the top
    content = io.BytesIO()
    savemat(content, {"test_data": upright.ravel(order="F")[None], "test_labels": np.eye(36)[[7]]})
    pictures, targets = read_labelled_pictures(content.getvalue(), "f.mat", "test", 36, 32)
    np.testing.assert_array_equal(pictures[0, 0], 255 * upright)
    assert targets.tolist() == [7]


def test_a_seven_of_the_sample_has_its_bar_above(tmp_path):
    sample_nist36.generate(tmp_path, 4, {"train": 30, "valid": 1, "test": 1})
    inputs, targets = nist36.read(tmp_path, settings_of("nist36")).splits["train"]
    ink = 255 - inputs[targets == CHARACTERS.index("7"), 0].astype(float).mean(axis=0)
    assert ink[4:14].sum() > 1.3 * ink[18:28].sum()


def test_other_members_are_ignored_and_a_second_of_a_name_is_refused(tmp_path):
    sample_nist36.generate(tmp_path, 1, {"train": 1, "valid": 1, "test": 1})
    path = tmp_path / nist36.ARCHIVE
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("data/nist26_train.mat", b"not read")
        archive.writestr("__MACOSX/data/nist36_train.mat", b"not read")
    assert len(nist36.read(tmp_path, settings_of("nist36")).splits["train"][0]) == 36
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("elsewhere/nist36_train.mat", b"which one?")
    with pytest.raises(DataError, match=r"data\.zip: nist36_train\.mat is in it twice"):
        nist36.read(tmp_path, settings_of("nist36"))


def test_a_member_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(mat, "LARGEST", 2**20)
    with zipfile.ZipFile(tmp_path / nist36.ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nist36_train.mat", bytes(2**20 + 1))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(DataError, match=r"nist36_train\.mat has 1048577 bytes, expected at most 1048576"):
        nist36.read(tmp_path, settings_of("nist36"))


# Scenes and flowers.


def small_flowers(folder, per_class):
    """Write an archive of flowers, each with a unique colour."""
    members = []
    for number in range(17 * per_class):
        colour = np.array([number % 6, number // 6 % 6, number // 36], dtype=float) / 6 + 0.05
        members.append((f"jpg/image_{number + 1:04d}.jpg", jpeg(np.full((16, 16, 3), colour))))
    write_archive(folder / flowers17.ARCHIVE, [*members, ("jpg/files.txt", b"not read")])


@rules(max_examples=12, deadline=None)
@given(per_class=st.integers(3, 9), data=st.data())
def test_splits_of_flowers_are_disjoint_complete_and_even(tmp_path_factory, per_class, data):
    test = data.draw(st.integers(1, per_class - 2))
    validation = data.draw(st.integers(1, per_class - test - 1))
    raw = tmp_path_factory.mktemp("flowers")
    small_flowers(raw, per_class)
    found = flowers17.read(raw, settings_of("flowers17", size=8, validation=validation, test=test)).splits
    counts = {"train": per_class - validation - test, "validation": validation, "test": test}
    seen = set()
    for split, (inputs, targets) in found.items():
        assert np.bincount(targets).tolist() == [counts[split]] * 17
        seen |= {tuple(picture.mean(axis=(1, 2)).round().tolist()) for picture in inputs}
    assert len(seen) == 17 * per_class


@pytest.mark.parametrize("shuffled", [False, True])
def test_flowers_belong_to_the_class_of_their_number(tmp_path, shuffled):
    small_flowers(tmp_path, 3)
    path = tmp_path / flowers17.ARCHIVE
    members = list(picture_archive.read_members(path, lambda _: True))
    write_archive(path, members[::-1] if shuffled else members)
    inputs, targets = flowers17.read(tmp_path, settings_of("flowers17", size=8, validation=1, test=1)).splits["train"]
    assert targets.tolist() == list(range(17))
    levels = (inputs.mean(axis=(2, 3)) / 255 - 0.05) * 6
    numbers = (levels.round() @ [1, 6, 36]).astype(int)
    assert (numbers // 3).tolist() == list(range(17))


def small_scenes(folder, *, first=0, extra=()):
    members = list(extra)
    for split, count in (("train", 4), ("test", 2)):
        names = [f"{scene}/{split}{place}.jpg" for scene in SCENES for place in range(count)]
        members += [(name, jpeg(np.full((16, 16, 3), 0.1 * SCENES.index(name.partition("/")[0])))) for name in names]
        labels = [SCENES.index(name.partition("/")[0]) + first for name in names]
        members.append((f"{split}_files.txt", "\n".join(names).encode()))
        members.append((f"{split}_labels.txt", "\n".join(map(str, labels)).encode()))
    write_archive(folder / scenes8.ARCHIVE, members)


@pytest.mark.parametrize("first", [0, 1])
def test_scenes_follow_their_lists_whatever_number_these_start_with(tmp_path, first):
    small_scenes(
        tmp_path, first=first, extra=[("scenes/readme.md", b"not read"), ("desert/none.jpg", jpeg(np.ones((9, 9, 3))))]
    )
    raw = scenes8.read(tmp_path, settings_of("scenes8", size=8, validation=8))
    assert raw.classes == SCENES
    for split, count in (("train", 3), ("validation", 1), ("test", 2)):
        inputs, targets = raw.splits[split]
        assert np.bincount(targets).tolist() == [count] * 8
        np.testing.assert_allclose(inputs.mean(axis=(1, 2, 3)) / 255, 0.1 * targets, atol=0.02)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("train_labels.txt", b"0\n0", b"0\n1", "train_labels.txt: expected one number for each folder"),
        ("test_labels.txt", b"7\n7", b"6\n7", "test_labels.txt: expected one number for each folder"),
        ("test_labels.txt", None, b"1\n1\n0\n0", "the training list calls the classes"),
    ],
)
def test_scenes_whose_numbers_and_folders_disagree_are_refused(tmp_path, file, old, new, message):
    small_scenes(tmp_path)
    path = tmp_path / scenes8.ARCHIVE
    members = dict(picture_archive.read_members(path, lambda _: True))
    labels = members[file]
    members[file] = labels.replace(old, new, 1) if old is not None else new + labels[len(new) :]
    assert members[file] != labels
    write_archive(path, list(members.items()))
    with pytest.raises(DataError, match=message):
        scenes8.read(tmp_path, settings_of("scenes8", size=8, validation=8))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_only_regular_files_are_read(tmp_path, kind):
    path = tmp_path / "pictures.tgz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("jpg/image_0001.jpg")
        member.type, member.linkname = kind, "/etc/hostname"
        archive.addfile(member)
    assert list(picture_archive.read_members(path, lambda _: True)) == []


@pytest.mark.parametrize("name", ["/tmp/image_0001.jpg", "jpg/../../image_0001.jpg"])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path, name):
    path = tmp_path / "pictures.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(DataError, match=r"pictures\.tgz: .*leads out of the archive"):
        list(picture_archive.read_members(path, lambda _: True))


def test_a_member_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_archive, "LARGEST_MEMBER", 1000)
    path = tmp_path / "pictures.tgz"
    write_archive(path, [("a.jpg", bytes(1001))])
    monkeypatch.setattr(tarfile.TarFile, "extractfile", lambda *_: pytest.fail("it was read"))
    with pytest.raises(DataError, match=r"a\.jpg has 1001 bytes, expected at most 1000"):
        list(picture_archive.read_members(path, lambda _: True))


def test_a_picture_of_too_many_pixels_is_not_decoded(monkeypatch):
    monkeypatch.setattr(picture_archive, "LARGEST_PICTURE", 99)
    with pytest.raises(DataError, match="p: 10 × 10 pixels are too many or too few"):
        picture_archive.square_picture(jpeg(np.ones((10, 10, 3))), 8, "p")


def test_a_text_among_the_pictures_is_named(tmp_path):
    write_archive(tmp_path / flowers17.ARCHIVE, [("jpg/image_0001.jpg", b"a text")])
    with pytest.raises(DataError, match=r"17flowers\.tgz: jpg/image_0001\.jpg: not a picture"):
        flowers17.read(tmp_path, settings_of("flowers17", size=8, validation=1, test=1))


def test_archives_of_samples_tell_nothing_of_time_and_machine(tmp_path):
    path = tmp_path / "made.tgz"
    write_archive(path, [("jpg/a.jpg", jpeg(draw_flower(3, np.random.default_rng(0))))])
    assert path.read_bytes()[4:8] == bytes(4)  # gzip's time
    with tarfile.open(path) as archive:
        (member,) = archive.getmembers()
    assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")


# Real files.


@pytest.mark.real_data
def test_real_letters_are_upright_and_dark_on_white(real_data):
    path = real_data / "nist" / "nist26_valid.mat"
    pictures, targets = read_labelled_pictures(path.read_bytes(), str(path), "valid", 26, 32)
    assert pictures.shape == (1300, 1, 32, 32)
    assert np.bincount(targets).tolist() == [50] * 26
    assert np.median(pictures) == 255
    ink = {name: 255 - pictures[targets == ord(name) - ord("A"), 0].astype(float).mean(axis=0) for name in "LT"}
    assert ink["L"][20:].sum() > 1.3 * ink["L"][:12].sum(), "an L has its foot below"
    assert ink["T"][:12].sum() > 1.3 * ink["T"][20:].sum(), "a T has its bar above"


@pytest.mark.real_data
def test_real_letters_and_digits_make_the_substitute(real_data, tmp_path):
    path = tmp_path / nist36.ARCHIVE
    letters, digits = real_data / "nist" / "nist26_valid.mat", real_data / "mnist"
    done = call_tool("make_nist36.py", "--letters", letters, "--digits", digits, "--output", path)
    assert done.returncode == 0, done.stderr
    found = nist36.read(tmp_path, settings_of("nist36")).splits
    pictures, targets = found["train"]
    is_digit = targets >= 26
    sizes = [max(bottom - top, right - left) for top, left, bottom, right in map(box, pictures[is_digit, 0] < 128)]
    assert np.mean(sizes) == pytest.approx(24, abs=0.3)
    assert thickness(pictures[is_digit, 0]) == pytest.approx(thickness(pictures[~is_digit, 0]), abs=0.4)
    images, _ = read_pair(*(digits / name for name in FILES["test"]), height=28, width=28, classes=10)
    assert thickness(255 - images[:340, 0]) < thickness(pictures[~is_digit, 0]) - 0.5, "as they come, they are thinner"


@pytest.mark.real_data
@pytest.mark.slow
def test_real_scenes_and_flowers(real_data, tmp_path):
    for folder, name in (("scenes8", scenes8.ARCHIVE), ("flowers17", flowers17.ARCHIVE)):
        done = call_tool("pack_folder.py", real_data / folder, tmp_path / name)
        assert done.returncode == 0, done.stderr
    scenes = scenes8.read(tmp_path, settings_of("scenes8", size=32, validation=200))
    assert scenes.classes == SCENES
    assert [len(targets) for _, targets in scenes.splits.values()] == [977, 200, 400]
    flowers = flowers17.read(tmp_path, settings_of("flowers17", size=32, validation=20, test=20))
    counts = {split: np.bincount(targets).tolist() for split, (_, targets) in flowers.splits.items()}
    assert counts == {"train": [40] * 17, "validation": [20] * 17, "test": [20] * 17}
    # Sunflowers are yellow, bluebells are blue.
    inputs, targets = flowers.splits["train"]
    colours = {
        name: inputs[targets == flowers17.CLASSES.index(name)].mean(axis=(0, 2, 3))
        for name in ("sunflower", "bluebell")
    }
    assert colours["sunflower"][0] > colours["sunflower"][2] + 20
    assert colours["bluebell"][2] > colours["sunflower"][2]


@pytest.mark.parametrize("most", [50_000, 10**9])
def test_a_matlab_file_that_unpacks_to_much_is_refused_before_it_is_read(monkeypatch, most):
    monkeypatch.setattr(mat, "LARGEST", most)
    content = io.BytesIO()
    savemat(content, {"train_data": np.zeros((200, 1024)), "train_labels": np.eye(36)[[0] * 200]}, do_compression=True)
    assert len(content.getvalue()) < 50_000
    if most == 50_000:
        with pytest.raises(DataError, match="unpacks to more than 50,000 bytes"):
            read_labelled_pictures(content.getvalue(), "x.mat", "train", 36, 32)
    else:
        pictures, _ = read_labelled_pictures(content.getvalue(), "x.mat", "train", 36, 32)
        assert pictures.shape == (200, 1, 32, 32)
