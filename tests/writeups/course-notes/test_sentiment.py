"""Section 6 of course-notes: reviews on their way to numbers, and what the LSTM reaches beside a linear model."""

import numpy as np
import pytest
import torch
from fabricated import Artefacts
from rework import paths
from rework.datasets.labelled_texts import stored_text, stored_words
from rework.datasets.plain_words import numbered, plain_words
from rework.datasets.store import open_dataset
from rework.models.building import build_model
from rework.settings.run import RunSettings
from safetensors.torch import load_file
from tiny_runs import read_json


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory):
    return Artefacts.made_up("course-notes", tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def dataset(artefacts):
    return open_dataset(paths.dataset_dir(artefacts.results, "reviews"))


def texts(dataset, *names):
    return [stored_text(split, row) for split in map(dataset.splits.get, names) for row in range(len(split.targets))]


def test_lengths_and_vocabulary_are_those_of_the_texts(artefacts, dataset):
    sidecar = artefacts.make("sentiment-preprocessing")
    cleaned = [plain_words(text) for text in texts(dataset, "train", "validation", "test")]
    measured = {value["key"]: value["reproduced"]["mean"] for value in sidecar["values"]}
    words = [word for text in cleaned for word in text]
    assert measured == {"longest": max(map(len, cleaned)), "vocabulary": len(set(words)), "reviews": 60}
    assert sidecar["facts"]["cut"] == np.mean([len(text) > 24 for text in cleaned])
    kept = [word for text in cleaned for word in text[:24]]
    assert sidecar["facts"]["once"] == sum(kept.count(word) == 1 for word in set(words))
    assert sidecar["facts"]["unused"] == len(set(words) - set(kept))
    rows = artefacts.rows("sentiment-preprocessing")
    for stage, longest in (("before", 10**6), ("after", 24)):
        lengths = [min(len(text), longest) for text in cleaned]
        bins = [row for row in rows if row["stage"] == stage]
        for row in bins:
            low, high = float(row["from"]), float(row["below"])
            last = row is bins[-1]  # which holds its end, too, as in numpy
            assert int(row["reviews"]) == sum(low <= length < high or (last and length == high) for length in lengths)
        assert sum(int(row["reviews"]) for row in bins) == 60


def test_the_shown_review_is_the_shortest_that_is_long_enough(artefacts, dataset):
    example = artefacts.make("sentiment-preprocessing", least=15)["facts"]["example"]
    cleaned = [plain_words(text) for text in texts(dataset, "train")]
    assert len(example["words"]) == min(len(text) for text in cleaned if len(text) >= 15)
    assert example["words"] == plain_words(example["text"])
    numbers = numbered(stored_words(dataset))
    assert example["numbers"] == [numbers[word] for word in example["words"]][:24]
    assert example["zeros"] == 24 - len(example["numbers"])
    assert example["text"] in texts(dataset, "train")


def test_measures_and_agreement_are_those_of_the_predictions(artefacts, dataset):
    sidecar = artefacts.make("sentiment")
    targets = np.asarray(dataset.splits["test"].targets)
    seeds = artefacts.settings("sentiment").runs[0].seeds
    found = [artefacts.predictions("sentiment", seed) for seed in seeds]
    for name, key in (("log_odds", "accuracy"), ("log_odds_alone", "alone")):
        expected = np.mean([((one[name] > 0) == targets).mean() for one in found])
        fact = sidecar["facts"][key]
        assert (fact["sentiment"] if key == "accuracy" else fact) == pytest.approx(expected)
    same = (found[0]["log_odds"] > 0) == (found[0]["log_odds_alone"] > 0)
    assert sidecar["facts"]["together"] == same.mean()
    rows = artefacts.rows("sentiment")
    assert [float(row["accuracy"]) for row in rows][1] == pytest.approx(sidecar["facts"]["alone"])
    assert len(rows) == 4


def test_sentences_are_judged_by_the_first_seed(artefacts, dataset):
    sentence = "Zeitgeist! The plot is not dull."
    facts = artefacts.make("sentiment", sentences=(sentence,))["facts"]
    folder = artefacts.run_dir("sentiment", facts["seed"])
    model = build_model(RunSettings.from_json(read_json(folder / "provenance.json")["settings"]).model)
    model.load_state_dict(load_file(folder / "weights.safetensors"))
    numbers = numbered(stored_words(dataset))
    row = [0] * 19 + [numbers[word] for word in "the plot is not dull".split()]
    with torch.inference_mode():
        odds = model.eval()(torch.tensor([row]), *model.start(1))[0]
    (judged,) = facts["judged"]
    assert judged["positive"] == pytest.approx(float(odds.sigmoid()))
    assert judged["unknown"] == ["zeitgeist"]
    assert judged["text"] == sentence
