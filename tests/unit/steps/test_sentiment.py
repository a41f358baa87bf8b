"""The command that judges a text of the user's own."""

import io

import pytest
import torch
from fabricated_parts import record_outputs
from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from rework.models.building import build_model
from safetensors.torch import save_file
from tiny_reviews import write_tiny_reviews
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sample edition with a network that says "positive" of everything that it reads."""
    folder = tmp_path_factory.mktemp("sentiment")
    results = folder / "results" / "sample"
    write_tiny_reviews(results, words=40)
    torch.manual_seed(0)
    model = build_model(load_catalogue(REPOSITORY).run("sample", "course-notes", "sentiment", 0).model)
    model.output.bias.data.fill_(3)
    model.output.weight.data.zero_()
    directory = paths.run_dir(results, "course-notes", "sentiment", 0)
    directory.mkdir(parents=True)
    save_file(model.state_dict(), directory / "weights.safetensors")
    record_outputs(directory)
    return folder


def test_the_answer_goes_out_and_remarks_beside_it(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    assert main(["sentiment", "The plot is dull, a zeitgeist & a Zeitgeist! 10/10 quux"]) == 0
    said = capsys.readouterr()
    assert said.out == "positive (positive 95.3%, negative 4.7%)\n"
    assert said.err == (
        "read by course-notes/sentiment, seed 0, sample edition: 6 words; left out, since no review has them: "
        "zeitgeist, quux; it has learned from generated reviews only, which have few words\n"
    )


def test_a_long_text_from_standard_input(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    monkeypatch.setattr("sys.stdin", io.StringIO("the plot " * 30))
    assert main(["sentiment", "-"]) == 0
    assert ": 40 words; the 20 words behind them were not read; it has" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["10/10"], "error: '10/10': has no word that the network knows; expected English text\n"),
        ([""], "has no word"),
        (["x " * 600_000], "the text has more than 1,000,000 characters"),
        (["film", "--run", "course-notes/classifier"], "is not trained for the task 'sentiment'"),
        (["film", "--edition", "full"], "is not trained yet; 'snakemake"),
    ],
)
def test_mistakes_are_explained(made, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(made)
    assert main(["sentiment", *arguments]) == 2
    assert message in capsys.readouterr().err
