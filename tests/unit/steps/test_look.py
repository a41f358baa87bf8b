"""The command that looks into a trained network."""

import io

import numpy as np
import pytest
import torch
from fabricated_parts import record_outputs
from PIL import Image
from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from rework.datasets import cifar_10
from rework.datasets.store import RawSplits, write_dataset
from rework.models.building import build_model
from rework.settings.data import DatasetSettings
from safetensors.torch import save_file
from workflow_copy import REPOSITORY

RUN = "course-notes/notes-cnn"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a network in the sample edition that has learned nothing, and its data set of noise."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    split = generator.integers(0, 256, (12, 3, 32, 32), dtype=np.uint8), np.arange(12, dtype=np.int64) % 10
    raw = RawSplits(dict.fromkeys(("train", "validation", "test"), split), cifar_10.CLASSES)
    results = tmp_path / "results" / "sample"
    write_dataset(paths.dataset_dir(results, "cifar-10"), raw, DatasetSettings("cifar-10", True, ()))
    torch.manual_seed(0)
    run = paths.run_dir(results, *RUN.split("/"), 0)
    run.mkdir(parents=True)
    model = build_model(load_catalogue(REPOSITORY).run("sample", *RUN.split("/"), 0).model)
    save_file(model.state_dict(), run / "weights.safetensors")
    record_outputs(run)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("what", ["activations", "kernels", "maximal", "occlusion", "tsne"])
def test_every_view_is_drawn_and_named(folder, capsys, what):
    assert main(["look", "--run", RUN, "--what", what, "-o", "out.png"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"out.png: {what} of {RUN}, seed 0, sample edition")
    assert ("test picture 0 is read as" in said) == (what in ("activations", "occlusion"))
    with Image.open(folder / "out.png") as drawn:
        assert min(drawn.size) > 100
        assert len(drawn.convert("RGB").resize((64, 64)).getcolors(4096)) > 20


def rotated(picture):
    """Return a JPEG of a picture that a camera held sideways would have written."""
    exif = Image.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    picture.save(content, "JPEG", exif=exif, quality=95)
    return content.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_a_picture_of_any_mode_is_read(folder, capsys, mode):
    name = "own.tif" if mode in ("I;16", "CMYK") else "own.png"
    source = Image.fromarray(np.random.default_rng(1).integers(0, 256, (90, 70, 3), dtype=np.uint8))
    (source.convert("L").convert("I;16") if mode == "I;16" else source.convert(mode)).save(folder / name)
    assert main(["look", "--run", RUN, "--image", name, "-o", "out.png"]) == 0
    assert f"{name} is read as" in capsys.readouterr().out


def test_a_photograph_is_turned_upright_and_large_ones_are_scaled_down(folder, capsys):
    tall = Image.fromarray(np.tile(np.linspace(0, 255, 400, dtype=np.uint8)[:, None, None], (1, 400, 3)))
    (folder / "sideways.jpg").write_bytes(rotated(tall.transpose(Image.Transpose.ROTATE_90)))
    tall.save(folder / "upright.png")
    Image.new("RGB", (6000, 4000), (90, 120, 30)).save(folder / "large.jpg")
    shares = []
    for name in ("sideways.jpg", "upright.png", "large.jpg"):
        assert main(["look", "--run", RUN, "--image", name, "-o", "out.svg"]) == 0
        shares.append(capsys.readouterr().out.partition("is read as ")[2])
    assert shares[0].split()[0] == shares[1].split()[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--image", "none.png"], "none.png: no such file"),
        (["--image", "text.jpg"], "text.jpg: not a picture"),
        (["--image", "cut.png"], "cut.png: the picture is damaged or not whole"),
        (["--image", "tiny.png"], "tiny.png: 8 × 8 pixels are too few"),
        (["--image", "."], ".: a folder, expected a file"),
        (["--what", "kernels", "--image", "tiny.png"], "--image: kernels of a network are not about one picture"),
        (["--seed", "4"], "--seed: course-notes/notes-cnn has the seeds 0 in the sample edition, not 4"),
        (["--edition", "full"], "is not trained yet; 'snakemake --cores 2 results/full/runs/course-notes/notes-cnn"),
        (["--run", "course-notes/notes-cmn"], "did you mean 'notes-cnn'"),
        (["--run", "notes-cnn"], "--run: 'notes-cnn' is not of the form <writeup>/<run>"),
        (["--run", "mnist-cifar/mnist"], "mnist-cifar/mnist is not trained yet"),
        (["-o", "out.jpg"], "--output: out.jpg should end in .png, .svg or .pdf"),
        (["-o", "nowhere/out.png"], "nowhere: no such folder"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value),
)
def test_a_mistake_gets_one_clear_line(folder, capsys, arguments, said):
    (folder / "text.jpg").write_text("no picture")
    Image.new("RGB", (8, 8)).save(folder / "tiny.png")
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (80, 80, 3), dtype=np.uint8)).save(whole, "PNG")
    (folder / "cut.png").write_bytes(whole.getvalue()[:5000])
    assert main(["look", "--run", RUN, "-o", "out.png", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (folder / "out.png").exists()


def test_a_damaged_network_is_refused(folder, capsys):
    weights = next(folder.rglob("weights.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-4] + b"oops")
    assert main(["look", "--run", RUN, "-o", "out.png"]) == 2
    assert "its SHA-256 is not the one in provenance.json" in capsys.readouterr().err
