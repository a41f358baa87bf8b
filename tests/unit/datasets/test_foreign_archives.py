"""Archives as other systems pack them: the same data sets come out, and what is there twice is refused."""

import io
import tarfile
import unicodedata
import zipfile

import numpy as np
import pytest
from PIL import Image
from rework.datasets import flowers17, photographs, scenes8
from rework.errors import DataError
from rework.formats.letter_lines import LARGEST, read_letter_lines
from rework.formats.mat import zip_members
from rework.formats.zip_archive import read_zip_members
from rework.settings.data import DatasetSettings

SCENES = [f"scene_{number}é" for number in range(8)]
LITTER = {"._{}": b"\0\5\x16\7", "__MACOSX/{}": b"\0\5\x16\7", "Thumbs.db": b"\xd0\xcf", ".DS_Store": b"\0\0\0\1Bud1"}


def jpeg(level, side=16):
    content = io.BytesIO()
    Image.new("RGB", (side, side), (level,) * 3).save(content, "JPEG", quality=95)
    return content.getvalue()


def tgz(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)


def settings_of(name, **options):
    return DatasetSettings(name=name, sample=False, assets=(), options=options)


def scene_members(coding="utf-8", ends="\n", form="NFC", slash="/", suffix=".jpg"):
    members = []
    for split, count in (("train", 3), ("test", 1)):
        names = [f"{scene}/{split}{place}" for scene in SCENES for place in range(count)]
        members += [
            (unicodedata.normalize(form, name).replace("/", slash) + suffix, jpeg(25 * int(name[6]))) for name in names
        ]
        listed = [unicodedata.normalize("NFC", f"{name}{suffix}") for name in names]
        members.append((f"{split}_files.txt", ends.join([*listed, ""]).encode(coding)))
        members.append((f"{split}_labels.txt", ends.join([name[6] for name in names]).encode(coding)))
    return members


def read_scenes(folder, members):
    tgz(folder / scenes8.ARCHIVE, members)
    return scenes8.read(folder, settings_of("scenes8", size=8, validation=8)).splits


@pytest.mark.parametrize(
    "changes",
    [
        {"coding": "utf-8-sig", "ends": "\r\n"},
        {"coding": "utf-16"},
        {"form": "NFD"},
        {"slash": "\\"},
        {"suffix": ".JPG"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_scenes_of_other_systems_are_the_same(tmp_path, changes):
    expected = read_scenes(tmp_path, scene_members())
    found = read_scenes(tmp_path, scene_members(**changes))
    for split, arrays in expected.items():
        for array, other in zip(arrays, found[split], strict=True):
            np.testing.assert_array_equal(array, other)


def test_litter_and_broken_pictures_that_no_list_names_are_passed(tmp_path):
    expected = read_scenes(tmp_path, scene_members())
    more = [(f"{SCENES[0]}/{name.format('train0.jpg')}", content) for name, content in LITTER.items()]
    more += [("._train_files.txt", b"\0\5"), (f"{SCENES[1]}/broken.jpg", b"no picture"), ("__MACOSX/x.jpg", b"")]
    for members in (more + scene_members(), scene_members() + more):
        np.testing.assert_array_equal(read_scenes(tmp_path, members)["train"][0], expected["train"][0])
    broken = [(name, b"no picture" if name.endswith("train1.jpg") else content) for name, content in scene_members()]
    with pytest.raises(DataError, match=r"train1\.jpg: not a picture"):
        read_scenes(tmp_path, broken)


@pytest.mark.parametrize("name", [f"{SCENES[0]}/train0.jpg", f"other/{SCENES[0]}/train0.jpg", "copy/train_files.txt"])
def test_scenes_that_are_there_twice_are_refused(tmp_path, name):
    with pytest.raises(DataError, match="is in it twice"):
        read_scenes(tmp_path, [*scene_members(), (name, jpeg(200))])


def test_flowers_in_capitals_and_twice(tmp_path):
    members = [(f"jpg/IMAGE_{number:04}.JPG", jpeg(number % 250)) for number in range(1, 52)]
    options = settings_of("flowers17", size=8, validation=1, test=1)
    tgz(tmp_path / flowers17.ARCHIVE, [("jpg/._image_0001.jpg", b"\0\5"), *members])
    assert len(flowers17.read(tmp_path, options).splits["train"][0]) == 17
    tgz(tmp_path / flowers17.ARCHIVE, [*members, ("again/image_0007.jpg", jpeg(9))])
    with pytest.raises(DataError, match=r"again/image_0007\.jpg is in it twice"):
        flowers17.read(tmp_path, options)


def test_photographs_of_other_systems(tmp_path):
    settings = settings_of("photographs", truth={"é1": ("AB",)})
    name, litter = unicodedata.normalize("NFD", "é1.PNG"), ("__MACOSX/._é1.PNG", b"\0\5")
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "PNG")
    members = [litter, ("Thumbs.db", b"x"), ("broken.jpg", b"nobody asks"), (f"images\\{name}", picture.getvalue())]
    zipped(tmp_path / "images.zip", members)
    (page,) = photographs.read(tmp_path, settings)
    assert page.name == "é1"
    zipped(tmp_path / "images.zip", [*members, ("other/é1.jpg", picture.getvalue())])
    with pytest.raises(DataError, match="holds the picture é1 twice"):
        photographs.read(tmp_path, settings)


def test_names_with_backslashes_and_names_twice_in_zip_archives(tmp_path):
    path = tmp_path / "data.zip"
    zipped(path, [("data\\a.mat", b"1"), ("__MACOSX\\data\\a.mat", b"2"), ("data\\._a.mat", b"3")])
    assert zip_members(path, ("a.mat",)) == {"a.mat": b"1"}
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(path, [("a.mat", b"1"), ("a.mat", b"2")])
    with pytest.raises(DataError, match=r"a\.mat is in it twice"):
        zip_members(path, ("a.mat",))


def test_a_damaged_zip_archive_is_read_or_refused_on_one_short_line(tmp_path):
    """Names that are not UTF-8 though they say so, offsets beyond the file, and messages of many kilobytes."""
    path, drawn = tmp_path / "data.zip", np.random.default_rng(0)
    zipped(path, [("é" * 40 + ".jpg", bytes(90)), ("a.mat", drawn.bytes(3000))])
    whole = path.read_bytes()
    path.write_bytes(whole.replace("é".encode() * 40, b"\xb6" * 80))
    with pytest.raises(DataError, match="a name or text in it is not in utf-8"):
        list(read_zip_members(path, lambda _: True, 10**6))
    places = [*range(160), *range(len(whole) - 260, len(whole))]
    for _ in range(400):
        content = bytearray(whole)
        for place in drawn.choice(places, 2):
            content[place] = drawn.choice([0, 1, 128, 255, drawn.integers(256)])
        path.write_bytes(content)
        message = ""
        try:
            list(read_zip_members(path, lambda _: True, 10**6))
        except DataError as error:
            message = str(error).removeprefix(str(path))
        assert len(message) < 300
        assert "\n" not in message


LINE = ["1", "a", "-1", "1", "1", "0", *"01" * 64]


@pytest.mark.parametrize("column", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("text", ["9" * 30, "9" * 5000, "1_0", "x" * 5000, "", "1.0", "-" * 90])
def test_numbers_of_letters_are_short_whole_numbers(tmp_path, column, text):
    path = tmp_path / "letter.data"
    path.write_text("\t".join([*LINE[:column], text, *LINE[column + 1 :]]) + "\t\n")
    with pytest.raises(DataError, match=r"letter\.data: line 1: .*expected a whole number of at most nine") as caught:
        read_letter_lines(path)
    assert len(str(caught.value)) < 300


def test_a_folder_in_place_of_letters_is_named(tmp_path):
    with pytest.raises(DataError, match="a folder, expected a file"):
        read_letter_lines(tmp_path)
    assert LARGEST < 2**26
