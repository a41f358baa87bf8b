"""Pictures with captions: features as the encoder's network computes them on each picture, and captions as numbers."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from rework.datasets.captions import PICTURES_AT_ONCE, read
from rework.datasets.store import open_dataset, write_dataset
from rework.errors import ConfigError, DataError
from rework.settings.data import DatasetSettings
from torch import nn
from torchvision.models import resnet18, squeezenet1_1
from torchvision.transforms import Normalize

GRID, SHOWN = 2, 40
SETTINGS = DatasetSettings("captions", False, (), {"grid": GRID, "shown": SHOWN}, layout="captions")
# As torchvision documents its weights.
NORMALISE = Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
SPLITS = ["train"] * 9 + ["restval"] + ["val"] * 2 + ["test"] * 3
KINDS = ["RGB", "JPEG", "L", "P", "RGBA", "16 bit", "turned"]
WEIGHTS = "resnet18-f37072fd.pth"


def a_picture(kind, random):
    """Return the content of a file of some kind, its suffix, and the picture that a viewer shows, as RGB."""
    width, height = (int(side) for side in random.integers(33, 90, 2))
    coarse = Image.fromarray(random.integers(0, 256, (5, 4, 3), dtype=np.uint8))
    colours = coarse.resize((width, height), Image.Resampling.BICUBIC)
    if kind in ("JPEG", "turned"):
        exif = Image.Exif()
        exif[0x0112] = 6 if kind == "turned" else 1
        content = saved(colours, "JPEG", exif=exif)
        return content, ".jpg", ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    if kind == "16 bit":
        levels = np.asarray(colours.convert("L")).astype(np.uint16) * 257
        levels[0, 0] = 65535
        grey = Image.fromarray((levels / 257).astype(np.uint8))
        return saved(Image.fromarray(levels), "PNG"), ".png", grey.convert("RGB")
    if kind == "RGBA":
        colours.putalpha(Image.fromarray(random.integers(0, 256, (height, width), dtype=np.uint8)))
        white = Image.new("RGB", colours.size, "white")
        white.paste(colours, mask=colours.getchannel("A"))
        return saved(colours, "PNG"), ".PNG", white
    other = colours.quantize(20) if kind == "P" else colours.convert(kind)
    return saved(other, "PNG"), ".png", other.convert("RGB")


def saved(picture, suffix, **options):
    content = io.BytesIO()
    picture.save(content, suffix, **options)
    return content.getvalue()


def captions_of(number):
    """Return one to three captions; the word ``only<n>`` stands in those of one picture."""
    every = [["A", "river", f"Only{number}"], ["a", "Road", "beside", "the", "River"], ["ships"]]
    return every[: 1 + number % 3]


def described():
    return [
        {"filename": f"imgs/{number}.tif", "split": split, "sentences": [{"tokens": w} for w in captions_of(number)]}
        for number, split in enumerate(SPLITS)
    ]


def packed(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)


def write_raw(folder, images, members):
    (folder / "dataset.json").write_text(json.dumps({"images": images}))
    packed(folder / "pictures.zip", members)


@pytest.fixture(scope="module")
def networks():
    """Networks with random weights; the ResNet's has kept means and deviations that are not those of a fresh one."""
    torch.manual_seed(3)
    resnet = resnet18()
    for part in resnet.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.running_mean, -0.2, 0.2)
            nn.init.uniform_(part.running_var, 0.5, 2)
    return {"ResNet-18": resnet, "SqueezeNet 1.1": squeezenet1_1()}


@pytest.fixture(scope="module")
def raw(tmp_path_factory, networks):
    """The folder of raw files, with a ResNet's weights, and the pictures as a viewer shows them, by number."""
    random = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("raw")
    made = [a_picture(KINDS[number % len(KINDS)], random) for number in range(len(SPLITS))]
    members = [(f"photos/{number}{suffix}", content) for number, (content, suffix, _) in enumerate(made)]
    random.shuffle(members)
    litter = [("__MACOSX/photos/._0.jpg", b"x"), ("__MACOSX/photos/0.jpg", b"x"), ("photos/.DS_Store", b"x")]
    litter += [("photos/unknown.png", b"no picture, and not asked for"), ("0.txt", b"x"), ("0.json", b"{}")]
    write_raw(folder, described(), [*litter, *members])
    torch.save(networks["ResNet-18"].state_dict(), folder / WEIGHTS)
    return folder, [shown for _, _, shown in made]


@pytest.fixture(scope="module")
def found(raw):
    return read(raw[0], SETTINGS)


@pytest.fixture(scope="module")
def light(raw, networks, tmp_path_factory):
    """A folder of the same raw files with a SqueezeNet's weights, which are read sooner."""
    folder = with_files_of(raw[0], tmp_path_factory.mktemp("light"), WEIGHTS)
    torch.save(networks["SqueezeNet 1.1"].state_dict(), folder / WEIGHTS)
    return folder


def with_files_of(other, folder, *but):
    """Link the files of another folder into a folder, but for some, and return it."""
    for file in other.iterdir():
        if file.name not in but:
            (folder / file.name).symlink_to(file)
    return folder


def own_layers(network, pictures, side, training=False):
    """Return what a network's own convolutional layers give, one picture at a time or, in training mode, at once."""
    parts = network.features if hasattr(network, "features") else nn.Sequential(*list(network.children())[:-2])
    resized = [np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC)) for picture in pictures]
    inputs = NORMALISE(torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2) / 255)
    kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.train(training)
    with torch.no_grad():
        grids = parts(inputs) if training else torch.cat([parts(one[None]) for one in inputs])
    network.load_state_dict(kept)
    count, channels, height, width = grids.shape
    rows = [[grid[:, y, x].numpy() for y in range(height) for x in range(width)] for grid in grids]
    assert np.shape(rows) == (count, height * width, channels)
    return np.array(rows)


def close(features, expected):
    """Check that features are the expected ones, but for half precision."""
    np.testing.assert_allclose(features.astype(np.float64), expected, rtol=2e-3, atol=2e-3 * np.abs(expected).max())


def of_split(pictures, *splits):
    return [picture for picture, split in zip(pictures, SPLITS, strict=True) if split in splits]


def test_features_are_those_of_the_networks_own_layers_on_each_picture(raw, found, networks):
    for split, names in {"train": ("train", "restval"), "validation": ("val",), "test": ("test",)}.items():
        features = found.splits[split][0]
        assert features.dtype == np.float16
        assert features.shape == (len(of_split(SPLITS, *names)), GRID**2, 512)
        close(features, own_layers(networks["ResNet-18"], of_split(raw[1], *names), 52))


def test_features_of_squeezenet_too(raw, light, networks):
    found = read(light, SETTINGS)
    close(found.splits["test"][0], own_layers(networks["SqueezeNet 1.1"], of_split(raw[1], "test"), 48))
    assert found.notes[0].startswith(
        "SqueezeNet 1.1 turns each picture, at 48 × 48 pixels, into 2 × 2 positions of 512"
    )
    again = read(light, replace(SETTINGS, options={**SETTINGS.options, "batch_statistics": True}))
    assert all(np.array_equal(found.splits[name][0], again.splits[name][0]) for name in found.splits)
    assert "batch normalisation" not in again.notes[0], "SqueezeNet has none"


@pytest.mark.parametrize("sample", [True, False])
def test_the_sample_says_that_its_encoder_has_learned_nothing(light, sample):
    notes = read(light, replace(SETTINGS, sample=sample)).notes
    assert any("drawn at random" in note for note in notes) == sample


def test_small_pictures_are_the_whole_pictures(raw, found):
    for split, names in {"train": ("train", "restval"), "validation": ("val",), "test": ("test",)}.items():
        small = found.splits[split][3]
        expected = [
            np.asarray(picture.resize((SHOWN, SHOWN), Image.Resampling.BICUBIC)).transpose(2, 0, 1)
            for picture in of_split(raw[1], *names)
        ]
        assert small.dtype == np.uint8
        # 16 bits may be rounded another way.
        assert np.abs(small.astype(int) - np.stack(expected).astype(int)).max() <= 1


def test_the_vocabulary_is_that_of_the_training_captions_in_lower_case(found):
    special, words = found.classes[:4], found.classes[4:]
    assert special == ("<pad>", "<start>", "<end>", "<unknown>")
    training = {
        word.lower()
        for number, split in enumerate(SPLITS)
        if split in ("train", "restval")
        for caption in captions_of(number)
        for word in caption
    }
    assert words == tuple(sorted(training))
    assert "only9" in words, "of the picture of the split restval"
    assert not {"only10", "only12", "A", "River"} & set(words)


@pytest.mark.parametrize(
    ("split", "names"), [("train", ("train", "restval")), ("validation", ("val",)), ("test", ("test",))]
)
def test_every_caption_is_an_example_with_the_number_of_its_picture(found, split, names):
    _, targets, pictures, _, texts, files, contents = found.splits[split]
    numbers = [number for number, name in enumerate(SPLITS) if name in names]
    expected = [(place, words) for place, number in enumerate(numbers) for words in captions_of(number)]
    assert pictures.tolist() == [place for place, _ in expected]
    assert texts.tolist() == [" ".join(words).lower() for _, words in expected]
    assert files.tolist() == [f"{number}.tif" for number in numbers]
    assert set(contents.tolist()) == {""}
    longest = max(len(words) for number in range(len(SPLITS)) for words in captions_of(number)) + 2
    assert targets.shape == (len(expected), longest)
    for row, (_, words) in zip(targets, expected, strict=True):
        shown = [found.classes[number] for number in row]
        known = [word.lower() if word.lower() in found.classes else "<unknown>" for word in words]
        assert shown == ["<start>", *known, "<end>", *["<pad>"] * (longest - len(words) - 2)]


def test_batch_statistics_are_of_pictures_of_one_split_and_give_the_same_bytes_again(raw, found, networks, tmp_path):
    settings = replace(SETTINGS, options={**SETTINGS.options, "batch_statistics": True})
    batched = read(raw[0], settings)
    again = read(raw[0], settings)
    # Three test pictures fit into one batch, whatever their order.
    expected = own_layers(networks["ResNet-18"], of_split(raw[1], "test"), 52, training=True)
    close(batched.splits["test"][0], expected)
    assert np.abs(batched.splits["test"][0] - found.splits["test"][0]).max() > 0.1
    assert f"the mean and deviation of {PICTURES_AT_ONCE} pictures at a time" in batched.notes[0]
    assert "deviation" not in found.notes[0]
    for name, one in (("first", batched), ("again", again)):
        write_dataset(tmp_path / name, one, settings)
    assert (tmp_path / "first" / "dataset.json").read_bytes() == (tmp_path / "again" / "dataset.json").read_bytes()
    other = read(raw[0], replace(settings, global_seed=1))
    assert not np.array_equal(other.splits["train"][0], batched.splits["train"][0]), "ten pictures are two batches"
    assert open_dataset(tmp_path / "first").info["splits"]["train"]["picture_count"] == 10


@pytest.mark.parametrize(("name", "side"), [("ResNet-18", 500), ("SqueezeNet 1.1", 272)])
def test_sixteen_positions_a_side_as_in_the_course(raw, networks, tmp_path, name, side):
    picture = raw[1][0]
    images = [
        {**image, "filename": f"{place}.png"} for place, image in enumerate([described()[k] for k in (0, 10, 12)])
    ]
    write_raw(tmp_path, images, [(f"{place}.png", saved(picture, "PNG")) for place in range(3)])
    torch.save(networks[name].state_dict(), tmp_path / WEIGHTS)
    found = read(tmp_path, replace(SETTINGS, options={"grid": 16, "shown": 32}))
    assert f"{side} × {side} pixels, into 16 × 16 positions of 512 channels" in found.notes[0]
    assert found.splits["test"][0].shape == (1, 256, 512)
    close(found.splits["test"][0], own_layers(networks[name], [picture], side))


def refusal(folder, settings=SETTINGS, error=DataError):
    with pytest.raises(error) as refused:
        read(folder, settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


PNG = saved(Image.new("RGB", (40, 40), "red"), "PNG")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], "no picture 0, nor 14 more of those described"),
        ([(f"{number}.png", PNG) for number in range(14)], "no picture 14"),
        ([("0.png", PNG), ("other/0.jpg", PNG)], "holds the picture 0 twice"),
        ([("0.png", PNG[:60])], "0.png: the picture is damaged or not whole ("),
        ([("0.png", b"no picture")], "0.png: not a picture in a format that can be read (JPEG, PNG, ...)"),
        ([("0.png", b"")], "0.png: not a picture in a format that can be read (JPEG, PNG, ...)"),
        (
            [("0.png", saved(Image.new("L", (31, 50)), "PNG"))],
            "0.png: 31 × 50 pixels are too few; expected at least 32",
        ),
    ],
    ids=["none", "one missing", "twice", "cut off", "no picture", "empty", "too small"],
)
def test_pictures_that_cannot_be_used_are_named(light, tmp_path, members, message):
    with_files_of(light, tmp_path, "pictures.zip")
    packed(tmp_path / "pictures.zip", members)
    assert refusal(tmp_path).startswith(f"{tmp_path / 'pictures.zip'}: {message}")


@pytest.mark.parametrize("file", ["dataset.json", "pictures.zip"])
def test_a_missing_file_is_named(light, tmp_path, file):
    with_files_of(light, tmp_path, file)
    assert refusal(tmp_path) == f"{tmp_path / file}: no such file"


def test_missing_and_wrong_weights_are_named(light, networks, tmp_path):
    with_files_of(light, tmp_path, WEIGHTS)
    path = tmp_path / WEIGHTS
    assert refusal(tmp_path) == f"{path}: no such file"
    path.write_bytes(b"garbage")
    assert refusal(tmp_path).startswith(f"{path}: not a file of weights that can be read safely (")
    torch.save(nn.Linear(2, 3).state_dict(), path)
    assert refusal(tmp_path) == f"{path}: weights of none of ResNet-18, SqueezeNet 1.1"
    large = networks["SqueezeNet 1.1"].state_dict()
    torch.save({**large, "features.0.weight": large["features.0.weight"] * 1e7}, path)
    assert refusal(tmp_path) == f"{path}: gives features that are no finite numbers in half precision"


def test_pictures_that_differ_in_the_suffix_alone_and_empty_splits_are_refused(light, tmp_path):
    with_files_of(light, tmp_path, "dataset.json")
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps({"images": [*described(), {**described()[0], "filename": "0.png"}]}))
    assert "two of the described pictures differ in nothing but the suffix of their names" in refusal(tmp_path)
    for split, missing in (("val", "validation"), ("test", "test")):
        path.write_text(json.dumps({"images": [image for image in described() if image["split"] != split]}))
        assert refusal(tmp_path) == f"{path}: no picture is in the split {missing}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"grid": 0, "shown": 9}, "option grid is 0, expected a positive whole number"),
        ({"grid": 2}, "option shown is None, expected a positive whole number"),
        ({"grid": 2, "shown": 9, "batch_statistics": 1}, "option batch_statistics is 1, expected true or false"),
        ({"gird": 2, "shown": 9}, "unknown option 'gird'; expected one of batch_statistics, grid, "),
    ],
)
def test_wrong_options_are_named(tmp_path, options, message):
    assert refusal(tmp_path, replace(SETTINGS, options=options), ConfigError).startswith(
        f"data set captions: {message}"
    )
