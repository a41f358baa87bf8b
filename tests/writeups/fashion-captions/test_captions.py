"""Artefacts on captions, made from made-up captions and scores, and checked against plain computations."""

import shutil

import numpy as np
import pytest
from fabricated import Artefacts
from fabricated_garments import GRID, TEST_PICTURES
from rework import paths
from rework.artefacts.fashion_captions.captioned import RULES
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.evaluation.contents import is_right
from rework.files import sha256_file
from rework.recorded import read_record, write_record
from safetensors.numpy import load_file, save_file

WRITEUP = "fashion-captions"
RUNS = ("lstm", "joined-scores", "attention")
SEEDS = range(5)
SHOWN = {
    "caption-219": (219, "middle"),
    "caption-357": (357, "attention-ahead"),
    "caption-540": (540, "attention-behind"),
}
ASSET = {"id": "a", "file": "captions/pictures.zip", "sha256": "0" * 64, "substitute": "Others.", "comparable": False}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return Artefacts.made_up(WRITEUP, tmp_path_factory.mktemp("captions") / "sample", "sample")


def scores_of(artefacts, name):
    run = next(run for run in artefacts.settings("caption-scores").runs if run.run == name)
    return np.stack([artefacts.predictions(name, seed)["bleu4"] for seed in run.seeds])


def with_asset(artefacts, folder, **changes):
    """Return the same results with an asset of the captions' data."""
    shutil.copytree(artefacts.results, folder)
    path = paths.dataset_dir(folder, "captions") / "dataset.json"
    write_record(path, {**read_record(path), "assets": [{**ASSET, **changes}]})
    return Artefacts(WRITEUP, folder, artefacts.edition)


def by_rule(artefacts, rule):
    """Return the name of the picture that a rule chooses, by plain loops."""
    means = {run: [sum(column) / len(column) for column in scores_of(artefacts, run).T.tolist()] for run in RUNS}
    places = range(len(TEST_PICTURES))
    if rule == "middle":
        overall = [sum(means[run][place] for run in RUNS) for place in places]
        return TEST_PICTURES[sorted(places, key=lambda place: (round(overall[place], 12), place))[len(places) // 2]]
    ahead = [means["attention"][place] - means["lstm"][place] for place in places]
    best = max(ahead) if rule == "attention-ahead" else min(ahead)
    return TEST_PICTURES[ahead.index(best)]


@pytest.mark.parametrize("name", SHOWN)
def test_the_writeups_pictures_are_shown_where_the_data_are_the_official_ones(artefacts, name):
    facts = artefacts.make(name)["facts"]
    assert facts["asked"]
    assert facts["name"] == f"{SHOWN[name][0]}.tif"


@pytest.mark.parametrize("name", SHOWN)
def test_with_other_pictures_of_the_same_numbers_a_rule_chooses(artefacts, sample, tmp_path, name):
    number, rule = SHOWN[name]
    for copy in (sample, with_asset(artefacts, tmp_path / "full")):
        sidecar = copy.make(name)
        assert not sidecar["facts"]["asked"]
        assert sidecar["facts"]["name"] == by_rule(copy, rule)
        assert RULES[rule] in sidecar["caption"]
        assert f"picture {number} of Sydney is not among these data" in sidecar["caption"]


def test_another_encoder_leaves_the_pictures_what_they_are(artefacts, tmp_path):
    copy = with_asset(artefacts, tmp_path / "full", file="captions/resnet18-f37072fd.pth")
    assert copy.make("caption-357")["facts"]["name"] == "357.tif"


@pytest.mark.parametrize("name", SHOWN)
def test_captions_and_maps_are_those_of_the_first_seed(artefacts, name):
    facts = artefacts.make(name)["facts"]
    place = TEST_PICTURES.index(facts["name"])
    stored = {run: artefacts.predictions(run) for run in RUNS}
    expected = {}
    for run in artefacts.settings(name).runs:
        mean = scores_of(artefacts, run.run)[:, place].mean()
        heading = f"{run.label} [{stored[run.run]['bleu4'][place]:.2f}, mean {mean:.2f}]"
        expected[heading] = str(stored[run.run]["captions"][place])
    assert facts["captions"] == expected
    words = str(stored["attention"]["captions"][place]).split()
    rows = artefacts.rows(name)
    assert len(rows) == len(words) * GRID**2
    maps = stored["attention"]["attention"][place]
    for number, row in enumerate(rows):
        word, position = divmod(number, GRID**2)
        assert row["word"] == f"{word + 1} {words[word]}"
        assert (int(row["row"]), int(row["column"])) == divmod(position, GRID)
        assert float(row["weight"]) == pytest.approx(float(maps[word, position]))
    assert facts["highest"] == pytest.approx(float(maps[: len(words)].max()))
    assert facts["even"] == pytest.approx(1 / GRID**2)


def test_a_caption_without_a_word_is_shown_without_maps(artefacts, tmp_path):
    shutil.copytree(artefacts.results, tmp_path / "full")
    copy = Artefacts(WRITEUP, tmp_path / "full")
    folder = copy.run_dir("attention")
    stored = copy.predictions("attention")
    stored["captions"][:] = ""
    np.savez(folder / "predictions.npz", **stored)
    record = read_record(folder / "metrics.json")
    record["provenance"]["outputs"]["predictions.npz"] = sha256_file(folder / "predictions.npz")
    write_record(folder / "metrics.json", record)
    sidecar = copy.make("caption-219")
    assert sidecar["facts"]["highest"] is None
    assert "for 0 words" in sidecar["alt"]
    assert copy.rows("caption-219") == []


def test_failures_are_the_pictures_with_the_lowest_mean_scores(artefacts):
    overall = sum(scores_of(artefacts, run).mean(axis=0) for run in RUNS)
    expected = sorted(range(len(TEST_PICTURES)), key=lambda place: (round(overall[place], 12), place))[:4]
    assert artefacts.make("caption-failures")["facts"]["names"] == [TEST_PICTURES[place] for place in expected]


def test_every_score_of_the_table_is_the_mean_over_seeds(artefacts):
    facts = artefacts.make("caption-scores")["facts"]
    rows = {row["key"]: row for row in artefacts.rows("caption-scores")}
    assert tuple(rows) == RUNS
    for run, row in rows.items():
        metrics = [read_record(artefacts.run_dir(run, seed) / "metrics.json")["metrics"] for seed in SEEDS]
        names = ("bleu4", "beam_bleu4", "chrf", "zero_share", *(f"corpus_bleu{order}" for order in (1, 2, 3, 4)))
        for name in names:
            expected = np.mean([found[f"test_{name}"]["value"] for found in metrics])
            assert float(row[name]) == pytest.approx(expected), (run, name)
        scores = scores_of(artefacts, run)
        assert float(row["bleu4"]) == pytest.approx(scores.mean())
        assert float(row["low"]) <= scores.mean() <= float(row["high"])
        assert int(row["seeds"]) == 5
        if run != "lstm":
            found = facts["differences"][run]
            assert found["mean"] == pytest.approx(scores.mean() - scores_of(artefacts, "lstm").mean())
            assert found["low"] < found["mean"] < found["high"]
    assert facts["pictures"] == len(TEST_PICTURES)
    assert facts["right"] == {}, "nobody knows what photographs show"


def test_the_share_of_right_captions_is_counted_where_it_is_known(sample):
    sidecar = sample.make("caption-scores")
    test = open_dataset(paths.dataset_dir(sample.results, "captions")).splits["test"].arrays
    settings = sample.settings("caption-scores")
    for run in settings.runs:
        shares = []
        for seed in run.seeds:
            captions = sample.predictions(run.run, seed)["captions"].tolist()
            pairs = zip(captions, test["contents"].tolist(), strict=True)
            shares.append(np.mean([is_right(text.split(), known.split()) for text, known in pairs]))
        assert sidecar["facts"]["right"][run.run] == pytest.approx(np.mean(shares))
    assert "Right: the share of captions" in sidecar["caption"]


def test_the_caption_says_which_bleu_is_which(artefacts):
    caption = artefacts.make("caption-scores")["caption"]
    assert "Mean sentence BLEU-4 is what the writeup publishes" in caption
    assert "smooth:none" in caption
    assert "10 000 resamples" in caption


def test_the_curve_of_bleu_is_measured_after_the_published_epochs(artefacts):
    values = {value["key"]: value["reproduced"] for value in artefacts.make("lstm-bleu")["values"]}
    for epoch in (1, 5):
        assert values[f"epoch-{epoch}"]["values"] == pytest.approx([0.1 * epoch + 0.01 * seed for seed in SEEDS])
    with pytest.raises(ConfigError, match=r"lstm-bleu\.options\.epochs: 6, but run lstm has 5 epochs"):
        artefacts.make("lstm-bleu", epochs=(1, 6))


def test_shapes_are_those_of_the_trained_tensors(artefacts, tmp_path):
    facts = artefacts.make("attention-shapes")["facts"]
    assert facts == {"positions": GRID**2, "channels": 512, "joined": 2 * GRID**2, "runs": False}
    shutil.copytree(artefacts.results, tmp_path / "full")
    copy = Artefacts(WRITEUP, tmp_path / "full")
    folder = copy.run_dir("joined-scores")
    tensors = load_file(folder / "weights.safetensors")
    save_file({**tensors, "lstm.weight_ih": np.zeros((32, 5 + 512), np.float32)}, folder / "weights.safetensors")
    record = read_record(folder / "provenance.json")
    record["outputs"]["weights.safetensors"] = sha256_file(folder / "weights.safetensors")
    write_record(folder / "provenance.json", record)
    with pytest.raises(DataError, match=r"the LSTMs read .* numbers beside a word; these are other decoders"):
        copy.make("attention-shapes")


def test_invented_and_replaced_data_never_get_a_comparable_verdict(artefacts, sample, tmp_path):
    names = ("lstm-bleu", "lstm-test-bleu", "attention-test-bleu")
    replaced = with_asset(artefacts, tmp_path / "full")
    for copy in (sample, replaced):
        for name in names:
            assert copy.make(name)["verdict"] == "not comparable", name
        claims = {claim["id"]: claim["result"] for claim in copy.make("claims")["claims"]}
        assert claims["attention-adds-little"] == claims["additive-attention-adds-little"] == "not comparable"
    for name in names:
        assert artefacts.make(name)["verdict"] != "not comparable", name
