"""Steps called by hand with a wrong name: one line that says what was expected and what to do, and no traceback."""

import pytest
from rework.cli import main


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Return a function that calls a step where there are no results, and returns what it says on standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        assert main(words) == 2
        text = capsys.readouterr().err
        assert text.startswith("error: ")
        return text

    return call


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("train", "fashion-captions/cnn-dropout-0.3", "--seed", "7"),
            "has the seeds 0, 1, 2 in the full edition, not 7",
        ),
        (("train", "fashion-captions/cnn-dropout-0.3", "--seed", "-1"), "config/writeups/fashion-captions.yaml: run"),
        (("train", "fashion-captions/cmn"), "did you mean 'cnn'"),
        (
            ("train", "fashion-captions/cnn"),
            "'snakemake --cores 1 results/full/data/fashion-mnist/dataset.json' makes it",
        ),
        (("read", "photographs", "nist36/reader"), "results/full/data/photographs: no data set of pages"),
        (("read", "fashion-mnist", "nist36/reader"), "'python -m rework preprocess fashion-mnist' makes it"),
        (("weights", "squeezenet"), "did you mean 'squeezenet-1-1'"),
        (("artefact", "fashion-captions"), "'fashion-captions' is not of the form <writeup>/<artefact>"),
        (("train", "--settings", "{"), "train: --settings is not valid JSON"),
        (("preprocess", "--settings", "{}"), "preprocess: --settings: key name: missing; expected a text"),
        (("train", "--settings", '{"modle": {}}'), "train: --settings: key modle: unknown key 'modle'"),
        (("artefact", "--settings", "[]"), "artefact: --settings: found [], expected keys with values"),
        (("fetch", "--settings", '{"id": 3}'), "fetch: --settings: key id: found 3, expected a text"),
        (("describe", "--settings", '{"model": {}}'), "describe: --settings: key model.name: missing"),
        (("preprocess", "fashion-mnist", "--edition", "sample"), "'python -m rework sample fashion-mnist' makes them"),
        (("verify",), "results: no results of any edition"),
    ],
)
def test_a_mistake_gets_an_answer(said, words, expected):
    assert expected in said(*words)


def test_the_first_seed_of_the_run_is_the_default(said):
    """The only one of this run is 1; the step gets as far as its data set."""
    assert "mnist/dataset.json: no such file" in said("train", "mnist-cifar/mnist-l2")
