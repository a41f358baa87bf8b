"""The command that writes a sentence about a picture of the user's own."""

import numpy as np
import pytest
import torch
from fabricated_parts import record_outputs
from PIL import Image
from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from rework.datasets import captions
from rework.datasets.caption_files import WEIGHTS
from rework.datasets.store import AssetRecord, open_dataset, write_dataset
from rework.files import sha256_file
from rework.models.building import build_model
from rework.samples.captions import generate
from safetensors.torch import save_file
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow

RUNS = ("lstm", "attention")
SIZES = {"train": 10, "validation": 2, "test": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sample edition with drawn scenes, their features, and decoders that have learned nothing."""
    folder = tmp_path_factory.mktemp("captions")
    catalogue, results = load_catalogue(REPOSITORY), folder / "results" / "sample"
    settings = catalogue.dataset("sample", "captions")
    raw = paths.raw_dir(results, "captions")
    generate(raw, 1, SIZES)
    record = AssetRecord(WEIGHTS, WEIGHTS, sha256_file(raw / WEIGHTS), None, comparable=False)
    target = paths.dataset_dir(results, "captions")
    write_dataset(target, captions.read(raw, settings), settings, assets=[record])
    words = open_dataset(target).classes
    for run in RUNS:
        torch.manual_seed(0)
        model = build_model(catalogue.run("sample", "fashion-captions", run, 0).model, words)
        directory = paths.run_dir(results, "fashion-captions", run, 0)
        directory.mkdir(parents=True)
        save_file(model.state_dict(), directory / "weights.safetensors")
        record_outputs(directory)
    return folder


@pytest.fixture
def here(made, monkeypatch, tmp_path):
    """The folder of the sample edition as the working directory; pictures and drawings go elsewhere."""
    monkeypatch.chdir(made)
    colours = np.random.default_rng(0).integers(0, 256, (70, 120, 3), dtype=np.uint8)
    Image.fromarray(colours).save(tmp_path / "own.png")
    return tmp_path


def known_words(made):
    return set(open_dataset(paths.dataset_dir(made / "results" / "sample", "captions")).classes)


@pytest.mark.parametrize("beam", [[], ["--beam", "3"]], ids=["greedy", "beam"])
def test_the_caption_goes_out_and_remarks_beside_it(here, made, capsys, beam):
    assert main(["caption", str(here / "own.png"), *beam]) == 0
    said = capsys.readouterr()
    words = said.out.split()
    assert said.out.endswith("\n")
    assert set(words) <= known_words(made)
    assert len(words) <= 22
    assert said.err.startswith("written by fashion-captions/attention, seed 0, sample edition; ")
    assert "seen at 80 × 80 pixels by SqueezeNet 1.1 with random weights" in said.err


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "I;16"])
def test_pictures_of_any_mode_get_a_caption(here, mode):
    with Image.open(here / "own.png") as picture:
        other = Image.fromarray(np.arange(70 * 120, dtype=np.uint16).reshape(70, 120)) if mode == "I;16" else picture
        path = here / ("other.tif" if mode in ("CMYK", "I;16") else "other.png")
        (other if mode == "I;16" else picture.convert(mode)).save(path)
    assert main(["caption", str(path)]) == 0


def test_a_picture_that_the_camera_turned_is_seen_upright(here, capsys):
    colours = np.zeros((64, 96, 3), np.uint8)
    colours[:, :30] = 255
    upright, turned = here / "upright.png", here / "turned.png"
    Image.fromarray(colours).save(upright)
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(np.ascontiguousarray(colours[::-1, ::-1])).save(turned, exif=exif)
    assert main(["caption", str(upright)]) == 0
    first = capsys.readouterr().out
    assert main(["caption", str(turned)]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_maps_are_drawn_on_request(here, capsys, suffix, start):
    target = here / f"maps.{suffix}"
    assert main(["caption", str(here / "own.png"), "--maps", str(target)]) == 0
    assert target.read_bytes().startswith(start)
    assert f"what it looked at: {target}" in capsys.readouterr().err


def refusal(capsys, *words):
    """Return what is said on standard error by a call that fails, after checking that nothing else is."""
    assert main(["caption", *map(str, words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    return said.err


def test_what_cannot_be_done_is_said_in_a_line(here, capsys):
    own = here / "own.png"
    (here / "text.jpg").write_text("no picture")
    assert "text.jpg: not a picture" in refusal(capsys, here / "text.jpg")
    (here / "cut.png").write_bytes(own.read_bytes()[:2000])
    assert "cut.png: the picture is damaged" in refusal(capsys, here / "cut.png")
    assert "no such file" in refusal(capsys, here / "none.png")
    assert "should end in .png, .svg or .pdf" in refusal(capsys, own, "--maps", "maps.gif")
    assert "no such folder" in refusal(capsys, own, "--maps", here / "nowhere" / "maps.png")
    assert "has no attention" in refusal(capsys, own, "--run", "fashion-captions/lstm", "--maps", here / "m.png")
    assert not (here / "m.png").exists()
    assert "only the greedy caption has maps" in refusal(capsys, own, "--maps", here / "m.png", "--beam", "2")
    assert "--beam: found 0, expected a whole number from 1" in refusal(capsys, own, "--beam", "0")
    assert "not trained for the task 'captions'" in refusal(capsys, own, "--run", "fashion-captions/cnn")
    assert "did you mean 'lstm'" in refusal(capsys, own, "--run", "fashion-captions/lstn")
    assert "is not trained yet; 'snakemake" in refusal(capsys, own, "--edition", "full")
    assert "is not trained yet; 'snakemake" in refusal(capsys, own, "--run", "fashion-captions/joined-scores")


def test_other_weights_than_those_of_the_features_are_refused(here, made, capsys):
    path = paths.raw_dir(made / "results" / "sample", "captions") / WEIGHTS
    content = path.read_bytes()
    try:
        path.write_bytes(content[:-1] + b"x")
        assert "not the file that the features of captions were made with" in refusal(capsys, here / "own.png")
        path.unlink()
        assert "no such file; the features of captions were made with it" in refusal(capsys, here / "own.png")
    finally:
        path.write_bytes(content)
