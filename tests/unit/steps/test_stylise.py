"""The command that draws a picture of the user's own in the style of another."""

import numpy as np
import pytest
from PIL import Image
from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from tiny_pictures import write_random_weights
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow

SHORT = ("--size", "32", "--updates", "3", "--device", "cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sample edition with random weights of the network, and two pictures."""
    folder = tmp_path_factory.mktemp("stylise")
    settings = load_catalogue(REPOSITORY).run("sample", "course-notes", "style-final", 0)
    target = paths.initial_weights_file(folder / "results" / "sample", "squeezenet-1-1")
    target.parent.mkdir(parents=True)
    write_random_weights(target.parent, settings).rename(target)
    random = np.random.default_rng(0)
    for name, shape in (("content", (60, 90)), ("style", (50, 40)), ("long", (33, 2600))):
        Image.fromarray(random.integers(0, 256, (*shape, 3), dtype=np.uint8)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def here(made, monkeypatch):
    monkeypatch.chdir(made)
    return made


def test_a_picture_is_written_with_its_shape_and_the_losses_are_told(here, capsys):
    assert main(["stylise", "content.png", "style.png", "-o", "out.png", *SHORT]) == 0
    told = capsys.readouterr()
    with Image.open(here / "out.png") as picture:
        assert picture.size == (48, 32)
        first = np.asarray(picture)
    assert "48 × 32 pixels after 3 updates" in told.out
    assert "epoch 1/1  loss " in told.err
    assert main(["stylise", "content.png", "style.png", "-o", "again.png", *SHORT]) == 0
    assert (here / "again.png").read_bytes() == (here / "out.png").read_bytes()
    assert main(["stylise", "content.png", "style.png", "-o", "other.png", "--start", "content", *SHORT]) == 0
    other = np.asarray(Image.open(here / "other.png"))
    assert np.abs(other.astype(int) - first).mean() > 20, "a copy of the content in place of an even grey"
    content = Image.open(here / "content.png").resize((48, 32), Image.Resampling.BILINEAR)
    assert np.abs(other.astype(int) - np.asarray(content)).mean() < 5, "three small updates away"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["content.png", "style.png", "-o", "out.gif"], "--output: out.gif should end in .png, .jpg or .jpeg"),
        (["content.png", "style.png", "-o", "no/out.png"], "no: no such folder"),
        (["absent.png", "style.png", "-o", "out.png"], "absent.png: no such file"),
        (["content.png", "style.png", "-o", "a.png", "--size", "5000"], "--size: found 5000, expected a whole number"),
        (["content.png", "style.png", "-o", "a.png", "--updates", "0"], "--updates: found 0, expected a whole number"),
        (["content.png", "style.png", "-o", "a.png", "--beta", "-1"], "--beta: found -1, expected a number above 0"),
        (["content.png", "style.png", "-o", "a.png", "--run", "final"], "not of the form <writeup>/<run>"),
        (["content.png", "style.png", "-o", "a.png", "--run", "course-notes/transfer"], "is no style transfer"),
        (["long.png", "style.png", "-o", "a.png", "--size", "32"], "are too long; expected at most 2048"),
        (["content.png", "style.png", "-o", "a.png", "--edition", "full"], "squeezenet-1-1.safetensors: no such file"),
    ],
)
@pytest.mark.usefixtures("here")
def test_mistakes_are_told_in_one_line(capsys, words, message):
    assert main(["stylise", *words]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
