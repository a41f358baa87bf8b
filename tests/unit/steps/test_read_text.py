"""The command that reads a photograph of the user's own."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fabricated_parts import record_outputs
from PIL import Image
from rework import paths, recognition
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from rework.datasets import nist36
from rework.datasets.store import RawSplits, write_dataset
from rework.errors import ConfigError
from rework.models.building import build_model
from rework.samples.photographs import draw_page
from rework.settings.data import DatasetSettings
from safetensors.torch import save_file
from workflow_copy import REPOSITORY

LINES = ("READ ME", "NOW")


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A folder with a network in the sample edition that has learned nothing, and a page."""
    monkeypatch.chdir(tmp_path)
    split = np.zeros((2, 1, 32, 32), np.uint8), np.arange(2)
    raw = RawSplits(dict.fromkeys(("train", "validation", "test"), split), nist36.CLASSES)
    results = tmp_path / "results" / "sample"
    write_dataset(paths.dataset_dir(results, "nist36"), raw, DatasetSettings("nist36", True, ()))
    torch.manual_seed(0)
    model = build_model(load_catalogue(REPOSITORY).run("sample", "nist36", "reader", 0).model)
    folder = paths.run_dir(results, "nist36", "reader", 0)
    folder.mkdir(parents=True)
    save_file(model.state_dict(), folder / "weights.safetensors")
    record_outputs(folder)
    Image.fromarray(draw_page(LINES, np.random.default_rng(0))).save(tmp_path / "page.png")
    return tmp_path


@pytest.mark.usefixtures("trained")
def test_the_text_goes_out_in_lines_and_words_and_remarks_beside_it(capsys):
    assert main(["read-text", "page.png"]) == 0
    said = capsys.readouterr()
    assert [[len(word) for word in line.split(" ")] for line in said.out.strip().split("\n")] == [[4, 2], [3]]
    assert set(said.out) <= set(nist36.CLASSES) | {" ", "\n"}
    assert said.err.startswith("9 letters in 2 lines, read by nist36/reader, seed 0, sample edition")
    assert "doubtful" in said.err, "a network that has learned nothing is sure of nothing"


@pytest.mark.usefixtures("trained")
def test_what_the_network_says_is_what_is_printed(capsys, monkeypatch):
    scores = np.full((9, 36), -9, np.float32)
    scores[np.arange(9), [nist36.CLASSES.index(character) for character in "".join(LINES).replace(" ", "")]] = 0
    monkeypatch.setattr("rework.steps.read_text.log_probabilities", lambda *_: scores)
    assert main(["read-text", "page.png"]) == 0
    said = capsys.readouterr()
    assert said.out == "READ ME\nNOW\n"
    assert "doubtful" not in said.err


def test_a_blank_page_an_unreadable_file_and_a_missing_network_get_an_answer(trained, capsys):
    Image.new("RGB", (600, 400), (240, 238, 230)).save("blank.png")
    assert main(["read-text", "blank.png"]) == 2
    assert "blank.png: no letters found; expected dark letters" in capsys.readouterr().err
    (trained / "text.jpg").write_text("no picture")
    assert main(["read-text", "text.jpg"]) == 2
    assert "text.jpg" in capsys.readouterr().err
    assert main(["read-text", "page.png", "--edition", "full"]) == 2
    said = capsys.readouterr().err
    assert "nist36/reader is not trained yet; 'snakemake --cores 2 results/full/runs/nist36/reader" in said
    assert main(["read-text", "page.png", "--run", "nist36/raeder"]) == 2
    assert "did you mean 'reader'" in capsys.readouterr().err


def test_results_of_the_repository_are_found_from_any_folder(trained, monkeypatch, capsys):
    """Those of the current folder come first; if it has none, the repository's are used and named."""
    monkeypatch.setattr("rework.steps.trained_runs.REPOSITORY", trained)
    elsewhere = trained / "pictures"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert main(["read-text", "../page.png"]) == 0
    said = capsys.readouterr()
    assert len(said.out.replace(" ", "").replace("\n", "")) == 9
    assert f"read by nist36/reader, seed 0, sample edition in {trained}/results" in said.err
    assert main(["read-text", "../page.png", "--edition", "full"]) == 2
    assert f"is not trained yet in {trained}; 'snakemake" in capsys.readouterr().err
    (elsewhere / "results").mkdir()
    assert main(["read-text", "../page.png"]) == 2
    assert "nist36/reader is not trained yet; 'snakemake" in capsys.readouterr().err


def test_letters_of_a_run_that_scales_otherwise_are_refused(trained):
    settings = load_catalogue(REPOSITORY).run("sample", "nist36", "reader", 0)
    other = replace(settings, data=replace(settings.data, normalise="half"))
    with pytest.raises(ConfigError, match=r"needs data\.normalise unit"):
        recognition.log_probabilities(other, trained / "w", np.zeros((1, 1, 32, 32), np.uint8))
