"""Every wrong use of the configuration names the file, the key, what was expected, and the nearest valid name."""

import hashlib
import shutil
from pathlib import Path

import pytest
from config_copy import ROOT, change, copy_config, refusal
from rework.catalogue.catalogue import load_catalogue
from rework.errors import ConfigError

WRITEUP = "config/writeups/fashion-captions.yaml"
OCR, PICTURES = "config/writeups/ocr.yaml", "config/writeups/mnist-cifar.yaml"
NUMPY, NOTES = "config/writeups/nist36.yaml", "config/writeups/course-notes.yaml"
CONFIG, SAMPLE, ASSETS = "config/config.yaml", "config/sample.yaml", "config/assets.yaml"

# file, its text, what a user wrote instead, what the message must say
WRONG = {
    "misspelt key of a run": (WRITEUP, "batch_size: 8", "batch_sise: 8", ["runs.cnn.batch_sise", "'batch_size'?"]),
    "wrong type": (WRITEUP, "batch_size: 8", "batch_size: eight", ["runs.cnn.batch_size", "'eight'", "a whole number"]),
    "missing key": (WRITEUP, "    loss: nll\n", "", ["runs.cnn.loss is missing", "the loss"]),
    "duplicate key": (WRITEUP, "loss: nll", "loss: nll\n    loss: nll", [", line ", "'loss' is already on line"]),
    "duplicate run": (WRITEUP, "\n  ffn:\n", "\n  cnn:\n", [", line ", "'cnn' is already"]),
    "key that is no text": (WRITEUP, "models: ", "1: ", ["key 1 is not text"]),
    "unknown optimiser": (WRITEUP, "name: sgd", "name: sdg", ["runs.cnn.optimiser.name", "sgd, adam", "'sgd'?"]),
    "option of no optimiser": (WRITEUP, "rate: 0.01", "rate: 0.01, momentun: 0.9", ["momentun", "'momentum'?"]),
    "option of another": (WRITEUP, "rate: 0.01", "rate: 0.01, eps: 1", ["runs.cnn.optimiser.eps", "weight_decay"]),
    "two limits of the gradients": (
        WRITEUP,
        "clip: {value: 5}",
        "clip: {value: 5, norm: 1}",
        ["runs.lstm.optimiser.clip", "one of"],
    ),
    "no limit of the gradients": (
        WRITEUP,
        "clip: {value: 5}",
        "clip: {}",
        ["runs.lstm.optimiser.clip", "value and norm"],
    ),
    "limit of nothing": (WRITEUP, "clip: {value: 5}", "clip: {value: 0}", ["runs.lstm.optimiser.clip.value", "0"]),
    "misspelt limit": (WRITEUP, "clip: {value: 5}", "clip: {valu: 5}", ["runs.lstm.optimiser.clip.valu", "'value'?"]),
    "limit that is no number": (WRITEUP, "clip: {value: 5}", "clip: 5", ["runs.lstm.optimiser.clip", "5"]),
    "unknown loss": (WRITEUP, "loss: nll", "loss: nl", ["runs.cnn.loss", "cross-entropy", "'nll'?"]),
    "unknown data set": (WRITEUP, "fashion-mnist,", "fashion-minst,", ["runs.cnn.data.dataset", "'fashion-mnist'?"]),
    "unknown model": (WRITEUP, "fashion-cnn, d", "fashion-cn, d", ["runs.cnn.model.name", "'fashion-cnn'?"]),
    "unknown parameter": (WRITEUP, "dropout: 0.4", "droput: 0.4", ["runs.cnn.model.droput", "'dropout'?"]),
    "type of a parameter": (WRITEUP, "dropout: 0.4", "dropout: high", ["model.dropout", "'high'", "a number"]),
    "list of a parameter": (WRITEUP, "hidden: [200]", "hidden: [big]", ["hidden", "a list, each entry a whole number"]),
    "parameter of a described model": (WRITEUP, "filters: 8", "filter: 8", ["models.single-conv.filter", "'filters'?"]),
    "two seeds alike": (WRITEUP, "seeds: [0, 1, 2]", "seeds: [0, 1, 1]", ["runs.cnn.seeds", "every entry only once"]),
    "no seeds": (WRITEUP, "seeds: [0, 1, 2]", "seeds: []", ["runs.cnn.seeds", "a list of at least 1"]),
    "misspelt key of a sample": (WRITEUP, "sample: {epochs", "sample: {epoch", ["runs.cnn.sample.epoch", "'epochs'?"]),
    "wrong type in a sample": (WRITEUP, "sample: {epochs: ", "sample: {epochs: x", ["runs.cnn.sample.epochs"]),
    "unknown model in a sample": (
        WRITEUP,
        "sample: {",
        "sample: {model: {name: ffn}, ",
        ["runs.cnn.sample.model.name"],
    ),
    "source of an unknown setting": (
        WRITEUP,
        "{course: [batch_size",
        "{course: [batchsize",
        ["runs.cnn.sources.course[0]", "'batch_size'?"],
    ),
    "setting of two sources": (
        WRITEUP,
        "assumed: [data.normalise]",
        "assumed: [data.normalise, batch_size]",
        ["runs.cnn.sources.assumed[1]", "'batch_size' is already under course"],
    ),
    "source in a sweep of an unknown setting": (
        WRITEUP,
        "    base: cnn\n",
        "    base: cnn\n    sources: {course: [batchsize]}\n",
        ["key sweeps.dropout.sources.course[0]", "'batch_size'?"],
    ),
    "source of an option that a group does not have": (
        PICTURES,
        "optimiser, l2.biases]",
        "optimiser, l2.biasses]",
        ["runs.mnist-l2.sources.assumed[2]", "'l2.biases'?"],
    ),
    "unknown source": (WRITEUP, "{course: [batch_size", "{cours: [batch_size", ["runs.cnn.sources.cours", "'course'?"]),
    "tried for an unknown setting": (
        PICTURES,
        "      optimiser: >-",
        "      optimizer: >-",
        ["runs.cifar.tried", "'optimiser'?"],
    ),
    "claim without a metric": (
        OCR,
        "    metric: test_accuracy\n    left: cnn-4\n",
        "    left: cnn-4\n",
        ["claims[0].metric is missing", "a reason in not_run"],
    ),
    "commit of a reference": (OCR, "commit: 3c9ca", "commit: latest-3c9ca", ["references[0].commit", "hexadecimal"]),
    "misspelt capture": (WRITEUP, "      layers:", "      layer:", ["runs.cnn.capture.layer", "'layers'?"]),
    "name of a model that is a command": (
        WRITEUP,
        "\n  single-conv: {",
        '\n  "a; touch PWNED; #": {',
        ["models.a; touch PWNED; #", "letters and digits"],
    ),
    "name of an artefact": (WRITEUP, "\n  ffn-comparison:\n", "\n  ffn comparison:\n", ["artefacts.ffn comparison"]),
    "key that names a sweep": (WRITEUP, "\n  dropout:\n", '\n  "a; b":\n', ["sweeps.a; b", "letters and digits"]),
    "name of an asset": (ASSETS, "\n  cifar-10:\n    file", '\n  "`a`":\n    file', ["assets.`a`", "letters and"]),
    "name of a file": (ASSETS, "file: cifar-10/", "file: $(touch PWNED)/", ["assets.cifar-10.file", "a path below"]),
    "name of a data set": (ASSETS, "\n  mnist:\n", "\n  $(mnist):\n", ["datasets.$(mnist)", "letters and digits"]),
    "run's name": (WRITEUP, "\n  cnn:\n", "\n  c/nn:\n", ["runs.c/nn", "letters and digits"]),
    "base of a sweep": (WRITEUP, "base: cnn", "base: cn", ["sweeps.dropout.base", "'cnn'?"]),
    "key of a sweep": (
        WRITEUP,
        "{model.dropout: [",
        "{model.droput: [",
        ["sweeps.dropout.over.model.droput", "'dropout'?"],
    ),
    "place of a sweep": (WRITEUP, "{model.dropout: [", "{modle.dropout: [", ["sweeps.dropout.over.modle.", "'model'?"]),
    "place without keys": (WRITEUP, "{model.dropout: [", "{epochs.x: [", ["sweeps.dropout.over.epochs.x", "15"]),
    "value of a sweep": (
        WRITEUP,
        "0.5, 0.8]",
        "0.5, high]",
        ["sweeps.dropout.over.model.dropout", "'high'", "a number"],
    ),
    "value twice in a sweep": (WRITEUP, "[0.3, 0.5, 0.8]", "[0.3, 0.3]", ["sweeps.dropout.over.model.dropout", "once"]),
    "empty sweep": (WRITEUP, "[0.3, 0.5, 0.8]", "[]", ["sweeps.dropout.over.model.dropout", "at least 1"]),
    "name of a sweep": (
        WRITEUP,
        "dropout-{model.dropout}",
        "dropout",
        ["sweeps.dropout.name", "already", "'cnn-dropout'"],
    ),
    "field of a name": (WRITEUP, "-{model.dropout}", "-{model.dropuot}", ["sweeps.dropout.name", "'model.dropout'?"]),
    "sign in a name": (WRITEUP, "cnn-lr-{", "cnn/lr-{", ["sweeps.learning-rate.name", "letters and digits"]),
    "sweep like a run": (WRITEUP, '"cnn-lr-{optimiser.learning_rate}"', "ffn", ["sweeps.learning-rate.name", "'ffn'"]),
    "kind of an artefact": (WRITEUP, "kind: table", "kind: tabel", ["artefacts.cnn-parameters.kind", "'table'?"]),
    "run of an artefact": (WRITEUP, "runs: [ffn, cnn]", "runs: [fnn]", ["artefacts.ffn-comparison", "'ffn'?"]),
    "empty run list": (WRITEUP, "runs: [ffn, cnn]", "runs: []", ["artefacts.ffn-comparison.runs", "at least 1"]),
    "run twice": (WRITEUP, "runs: [ffn, cnn]", "runs: [cnn, cnn]", ["artefacts.ffn-comparison.runs", "only once"]),
    "label of no run": (WRITEUP, "run_labels: {cnn: ", "run_labels: {cmn: ", ["artefacts.dropout-table", "'cnn'?"]),
    "model of an artefact": (
        WRITEUP,
        "[single-conv]",
        "[single-con]",
        ["artefacts.cnn-organisation", "'single-conv'?"],
    ),
    "data set of an artefact": (WRITEUP, "[fashion-mnist]", "[fashion]", ["artefacts.features", "'fashion-mnist'?"]),
    "reason": (NOTES, "not_run: taste", "not_run: tast", ["claims", "not_run", "'taste'?"]),
    "files of drawn data": (
        ASSETS,
        "assets: [] # drawn at random",
        "assets: [ocr-letters]",
        ["datasets.recall.assets", "none, as it is drawn at random"],
    ),
    "data without files": (
        ASSETS,
        "assets: [ocr-letters]",
        "assets: []",
        ["datasets.ocr-letters.assets", "at least one, the raw files"],
    ),
    "no tolerance": (
        WRITEUP,
        "      tolerance: 0.01\n",
        "",
        ["artefacts.dropout-table.published.tolerance is missing", "before the runs"],
    ),
    "misspelt tolerance": (
        WRITEUP,
        "tolerance: 0.01",
        "tolerence: 0.01",
        ["dropout-table.published.tolerence", "'tolerance'?"],
    ),
    "negative tolerance": (
        WRITEUP,
        "tolerance: 0.01",
        "tolerance: -1",
        ["dropout-table.published.tolerance", "at least 0"],
    ),
    "published of no run": (
        WRITEUP,
        "{ffn: 0.8802",
        "{fnn: 0.8802",
        ["artefacts.ffn-comparison.published.values", "'ffn'?"],
    ),
    "published text": (
        WRITEUP,
        "{ffn: 0.8802",
        "{ffn: good",
        ["artefacts.ffn-comparison.published.values.ffn", "'good'", "a number"],
    ),
    "claim of no run": (WRITEUP, "right: [ffn]", "right: [fnn]", ["claims[", "'ffn'?"]),
    "relation of a claim": (WRITEUP, 'relation: ">"', 'relation: "=>"', ["claims[0].relation", ">, <, <=, >="]),
    "id of a claim that is a command": (WRITEUP, "id: dropout-0.8-worst", "id: a; ls", ["claims[1].id", "joined by"]),
    "claim twice": (WRITEUP, "id: dropout-0.8-worst", "id: dropout-0.4-best", ["claims[1].id", "is used twice"]),
    "id of a writeup": (WRITEUP, "id: fashion-captions", "id: fashion", ["key id", "'fashion-captions'"]),
    "misspelt section": (WRITEUP, "\nmodels:", "\nmodles:", ["key modles", "'models'?"]),
    "no YAML": (WRITEUP, "seeds: [0, 1, 2]", "seeds: [0, 1", [", line ", "not valid YAML"]),
    "misspelt batch size": (OCR, "batch_size: 1\n", "batch_sise: 1\n", ["runs.bilstm.batch_sise", "'batch_size'?"]),
    "no batch size": (OCR, "    batch_size: 64\n", "", ["runs.cnn-2.batch_size is missing", "task 'classification'"]),
    "best epoch by an unknown column": (
        NOTES,
        "keep: {column: validation_loss",
        "keep: {column: validation_los",
        ["runs.notes-cnn.keep.column", "task 'classification'", "'validation_loss'?"],
    ),
    "best epoch by the test set": (
        NOTES,
        "keep: {column: validation_loss",
        "keep: {column: test_accuracy",
        ["runs.notes-cnn.keep.column", "by the test set", "validation_accuracy"],
    ),
    "best of an engine": (
        NUMPY,
        "    batch_size: 36\n",
        "    batch_size: 36\n    keep: {column: train_loss, best: lowest}\n",
        ["runs.autoencoder.keep", "model 'numpy-autoencoder' does not read it"],
    ),
    "one example and a half held out": (
        NOTES,
        "hold_out: 0.2",
        "hold_out: 1.5",
        ["notes-cnn.data.hold_out is 1.5", "a share below 1 or a number of examples"],
    ),
    "a draw of nothing": (
        NOTES,
        "hold_out: 0.2",
        "hold_out_seed: 42",
        ["notes-cnn.data.hold_out_seed", "nothing is drawn", "set data.hold_out too"],
    ),
    "letters held out": (
        OCR,
        "dataset: ocr-letters}",
        "dataset: ocr-letters, hold_out: 0.2}",
        ["data.hold_out", "layout 'words'", "cannot be drawn one by one"],
    ),
    "probes of words": (
        OCR,
        "batch_size: 1\n",
        "batch_size: 1\n    probe: {every: 1, examples: 2}\n",
        ["runs.bilstm.probe", "task 'words' does not read it"],
    ),
    "changes of words": (
        OCR,
        "task: words\n    data: {dataset: ocr-letters}",
        "task: words\n    data: {dataset: ocr-letters, augment: {flip: 0.5}}",
        ["runs.bilstm.data.augment", "task 'words' does not read it"],
    ),
    "task": (OCR, "task: words", "task: word", ["runs.bilstm.task", "'words'?"]),
    "parameter of a task": (
        OCR,
        "task: words",
        "task: {name: words, length: 3}",
        ["runs.bilstm.task.length", "task 'words' has no such parameter"],
    ),
    "task without a name": (OCR, "task: words", "task: {nam: words}", ["runs.bilstm.task.name is missing"]),
    "task of an engine": (
        NUMPY,
        "  scratch: &scratch\n",
        "  scratch: &scratch\n    task: words\n",
        ["runs.scratch.task", "model 'numpy-classifier' does not read it"],
    ),
    "loss of another task": (OCR, "loss: crf", "loss: nll", ["runs.bilstm-crf.loss", "crf, cross-entropy", "'words'"]),
    "data set of another layout": (
        OCR,
        "task: words\n    data: {dataset: ocr-letters}",
        "task: words\n    data: {dataset: mnist}",
        ["runs.bilstm.data.dataset", "layout 'examples', but task 'words' reads words"],
    ),
    "layout": (ASSETS, "layout: words", "layout: word", ["datasets.ocr-letters.layout", "'words'?"]),
    "no layout": (ASSETS, "    layout: words\n", "", ["datasets.ocr-letters.layout is missing"]),
    "misspelt change": (PICTURES, "greyscale: 0.1", "grayscale: 0.1", ["augment.grayscale", "'greyscale'?"]),
    "an epoch kept by a split that is not there": (
        PICTURES,
        "label: CIFAR-10 without L2, the author's training\n",
        "label: CIFAR-10 without L2, the author's training\n    keep: {column: validation_loss, best: lowest}\n",
        ["runs.cifar-batch-5.keep.column", "unknown column 'validation_loss'"],
    ),
    "a measure of a split that is not there": (
        PICTURES,
        "      metric: test_accuracy\n      values: {cifar-l2-batch-5: 0.7808}",
        "      metric: validation_accuracy\n      values: {cifar-l2-batch-5: 0.7808}",
        ["artefacts.cifar-l2-accuracy", "validation_accuracy"],
    ),
    "L2 and weight decay": (
        PICTURES,
        "{name: adam, learning_rate: 0.0001}\n    l2",
        "{name: adam, learning_rate: 0.0001, weight_decay: 0.1}\n    l2",
        ["runs.mnist-l2.l2", "optimiser.weight_decay is set too"],
    ),
    "device": (CONFIG, "device: auto", "device: gpu", ["key device", "'gpu'", "auto, cpu, cuda"]),
    "misspelt setting": (CONFIG, "device: auto", "devise: auto", ["key devise", "'device'?"]),
    "missing setting": (CONFIG, "device: auto\n", "", ["key device is missing"]),
    "seeds as a number": (CONFIG, "seeds: [", "seeds: 3 #", ["key seeds", "a list"]),
    "threads": (CONFIG, "threads: auto", "threads: 0", ["key threads", "at least 1"]),
    "threads as a text": (CONFIG, "threads: auto", "threads: all", ["key threads", "auto or a whole number"]),
    "unknown writeup": (CONFIG, "writeup: null", "writeup: ocd", ["key writeup", "fashion-captions", "'ocr'?"]),
    "no overlay": (CONFIG, "substitutes: []", "substitutes: [over.yaml]", ["over.yaml", "no such file"]),
    "setting that no sample has": (SAMPLE, "seeds:", "device:", ["key device", "precision"]),
    "path out of data_dir": (
        ASSETS,
        "file: fashion-mnist/train-im",
        "file: ../im",
        ["train-images.file", "below data_dir"],
    ),
    "path out of data_dir later": (ASSETS, "file: fashion-mnist/", "file: a/../../", ["train-images.file", "data_dir"]),
    "unknown asset": (
        ASSETS,
        "- fashion-mnist-test-labels",
        "- fashion-mnist-test-label",
        ["fashion-mnist.assets", "labels'?"],
    ),
    "checksum": (ASSETS, "sha256: 3aede", "sha256: xx", ["fashion-mnist-train-images.sha256", "64 hexadecimal digits"]),
    "address": (ASSETS, "- http://fashion", "- ftp://fashion", ["urls[0]", "http://"]),
    "two assets, one file": (
        ASSETS,
        "train-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        ["already the file of"],
    ),
}


@pytest.fixture
def root(tmp_path):
    """Return a folder with a copy of the project's configuration."""
    return copy_config(tmp_path)


def test_the_copy_is_right(root):
    assert load_catalogue(root).artefact_ids() == load_catalogue(ROOT).artefact_ids()


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_explained(root, case):
    file, old, new, expected = WRONG[case]
    change(root, file, old, new)
    message = refusal(root)
    assert message.startswith("over.yaml" if case == "no overlay" else file), message
    for part in expected:
        assert part in message, message
    assert str(root) not in message


def test_a_missing_file_is_named(root):
    (root / ASSETS).unlink()
    with pytest.raises(ConfigError, match=r"^config/assets.yaml: no such file"):
        load_catalogue(root)


def test_a_file_in_another_encoding_is_named(root):
    (root / SAMPLE).write_bytes(b"# na\xefve\nseeds: [0]\n")
    with pytest.raises(ConfigError, match=r"^config/sample.yaml: not UTF-8"):
        load_catalogue(root)


def test_no_writeups(root):
    shutil.rmtree(root / "config/writeups")
    with pytest.raises(ConfigError, match=r"^config/writeups: no file"):
        load_catalogue(root)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"devise": "cpu"}, ["config/config.yaml with --config", "key devise", "'device'?"]),
        ({"edition": "fulll"}, ["--config", "key edition", "'full'?"]),
        ({"writeup": "fashion-caption"}, ["--config", "key writeup", "'fashion-captions'?"]),
        ({"report": {"titel": "x"}}, ["--config", "key report.titel", "'title'?"]),
    ],
)
def test_wrong_overrides_are_explained(overrides, expected):
    with pytest.raises(ConfigError) as error:
        load_catalogue(ROOT, overrides)
    for part in expected:
        assert part in str(error.value)


def test_overrides_come_before_both_files(root):
    (root / SAMPLE).write_text("seeds: [4]\nprecision: bf16\n", encoding="utf-8")
    catalogue = load_catalogue(root, {"seeds": [7, 9], "global_seed": 3})
    seeds = [seed for owner, run, seed in catalogue.run_ids("sample") if (owner, run) == ("fashion-captions", "cnn")]
    assert seeds == [7, 9]
    run = catalogue.run("sample", "fashion-captions", "cnn", 7)
    assert (run.global_seed, run.precision) == (3, "bf16")
    assert catalogue.run("full", "fashion-captions", "cnn", 0).precision == "auto"


def test_threads_of_the_configuration_hold_for_every_run():
    assert load_catalogue(ROOT).run("full", "fashion-captions", "cnn", 0).threads == 1
    assert load_catalogue(ROOT, {"threads": 3}).run("full", "fashion-captions", "cnn", 0).threads == 3


def test_folders_of_the_environment_follow_those_of_the_file(monkeypatch):
    monkeypatch.setenv("REWORK_DATA", "/one:/two:")
    monkeypatch.setenv("HOME", "/home/somebody")
    folders = load_catalogue(ROOT, {"local_folders": ["~/mine"]}).config.local_folders
    assert folders == (Path("/home/somebody/mine"), Path("/one"), Path("/two"))


def test_unknown_names_are_refused_by_the_catalogue():
    catalogue = load_catalogue(ROOT)
    for call, nearest in (
        (lambda: catalogue.run("full", "fashion-captions", "cnnn", 0), "cnn"),
        (lambda: catalogue.run("full", "fashion-caption", "cnn", 0), "fashion-captions"),
        (lambda: catalogue.artefact("full", "fashion-captions/dropout-tabel"), "dropout-table"),
        (lambda: catalogue.dataset("full", "fashion-mnis"), "fashion-mnist"),
        (lambda: catalogue.model("fashion-captions", "feed-forward"), "feedforward"),
    ):
        with pytest.raises(ConfigError, match=f"did you mean '{nearest}'"):
            call()


OVERLAY = """
assets:
  fashion-mnist-train-images:
    file: files/mine.gz
    sha256: {sha256}
    sentence: Pictures of my own wardrobe.
"""


@pytest.fixture
def overlay(root):
    """Return an overlay file beside the configuration, with its substitute."""
    content = b"not the official content"
    (root / "files").mkdir()
    (root / "files/mine.gz").write_bytes(content)
    path = root / "mine.yaml"
    path.write_text(OVERLAY.format(sha256=hashlib.sha256(content).hexdigest()), encoding="utf-8")
    return path


@pytest.mark.usefixtures("overlay")
def test_a_substitute_replaces_its_asset(root):
    official = load_catalogue(root).assets
    catalogue = load_catalogue(root, {"substitutes": ["mine.yaml"]})
    asset = catalogue.assets["fashion-mnist-train-images"]
    assert asset.file == official[asset.id].file
    assert asset.sha256 == hashlib.sha256((root / "files/mine.gz").read_bytes()).hexdigest()
    assert (asset.urls, asset.bytes, asset.comparable) == ((), 24, False)
    assert asset.substitute == "Pictures of my own wardrobe."
    assert asset in catalogue.dataset("full", "fashion-mnist").assets
    assert catalogue.config.local_folders[-1] == root / "files"
    assert {name: one for name, one in catalogue.assets.items() if name != asset.id} == {
        name: one for name, one in official.items() if name != asset.id
    }


@pytest.mark.usefixtures("overlay")
def test_a_substitute_is_fetched(root, tmp_path):
    from rework.assets import fetch_asset

    catalogue = load_catalogue(root, {"substitutes": ["mine.yaml"]})
    asset = catalogue.assets["fashion-mnist-train-images"]
    fetched = fetch_asset(asset, tmp_path / "data", catalogue.config.local_folders, offline=True)
    assert fetched.path.read_bytes() == b"not the official content"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("fashion-mnist-train-images", "fashion-mnist-train-image", ["key assets.", "'fashion-mnist-train-images'?"]),
        ("files/mine.gz", "files/yours.gz", ["fashion-mnist-train-images.file", "'files/yours.gz'"]),
        ("sentence: ", "sentense: ", ["fashion-mnist-train-images.sentense", "'sentence'?"]),
        ("sha256: ", "sha256: 0", ["fashion-mnist-train-images.sha256", "64 hexadecimal digits"]),
    ],
)
def test_a_wrong_overlay_is_explained(root, overlay, old, new, expected):
    change(root, overlay.name, old, new)
    with pytest.raises(ConfigError) as error:
        load_catalogue(root, {"substitutes": [overlay.name]})
    assert str(error.value).startswith("mine.yaml: ")
    for part in expected:
        assert part in str(error.value)


def test_check_says_what_is_declared(capsys):
    from rework.cli import main

    assert main(["check"]) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[1:]}
    assert [int(rows[name][0]) for name in ("ocr", "fashion-captions", "mnist-cifar", "nist36", "course-notes")] == [
        *(20 + 6, 24 + 3, 26 + 2, 31 + 1, 38 + 8)
    ], "the contract's artefacts, and some beyond the writeups"
    assert rows["fashion-captions"][1] == "15"
    assert rows["together"] == ["159"]


def test_check_ends_with_status_2(monkeypatch, root, capsys):
    from rework.cli import main
    from rework.steps import check

    change(root, CONFIG, "device: auto", "device: gpu")
    monkeypatch.setattr(check, "REPOSITORY", root)
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("error: config/config.yaml: key device")
