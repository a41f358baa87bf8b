"""Words: reading, batching, predicting, training and measuring them."""

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rework.datasets import ocr_letters
from rework.datasets.store import RawSplits, open_dataset, write_dataset
from rework.errors import ConfigError, DataError
from rework.evaluation.metrics import accuracy, word_accuracy
from rework.formats.letter_lines import LetterLines, write_letter_lines
from rework.models import letter_bilstm
from rework.models.description import describe_layers, parameter_count
from rework.samples.ocr_letters import generate
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, ModelSettings, OptimiserSettings, TaskSettings
from rework.training.batches import Split, load_split
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks import words as module
from rework.training.tasks.words import predict_words, word_batches, word_rows
from tiny_runs import StoppingCheckpoint, a_run, train

CPU = torch.device("cpu")
SETTINGS = DatasetSettings("ocr-letters", sample=True, assets=(), options={"words": 60}, layout="words")
DATA = DataSettings("ocr-letters")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    raw = tmp_path_factory.mktemp("raw")
    generate(raw, 1, SETTINGS.options)
    return raw


@pytest.fixture(scope="module")
def dataset(folder, tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    write_dataset(directory, ocr_letters.read(folder, SETTINGS), SETTINGS)
    return open_dataset(directory)


def a_word_run(**changes):
    settings = a_run(
        data=DATA,
        task=TaskSettings("words"),
        model=ModelSettings("letter-bilstm", {"hidden": 16}),
        loss="cross-entropy",
        optimiser=OptimiserSettings("adam", 0.003),
        batch_size=1,
    )
    return replace(settings, **changes)


def test_splits_follow_the_folds_and_keep_words_whole(folder, dataset):
    counts = {name: len(split.offsets) - 1 for name, split in dataset.splits.items()}
    assert counts == {"train": 48, "validation": 6, "test": 6}
    lines = ocr_letters.read_letter_lines(folder / ocr_letters.FILE)
    for name, folds in (("train", range(8)), ("validation", [8]), ("test", [9])):
        split = dataset.splits[name]
        chosen = np.isin(lines.folds, list(folds))
        assert np.array_equal(split.inputs[:, 0], 255 * lines.images[chosen])
        assert np.array_equal(split.targets, lines.letters[chosen])
        words = [range(a, b) for a, b in zip(lines.offsets[:-1], lines.offsets[1:], strict=True) if chosen[a]]
        assert np.array_equal(np.diff(split.offsets), [len(word) for word in words])
    assert dataset.classes == tuple("abcdefghijklmnopqrstuvwxyz")


def test_a_file_with_all_training_words_in_fold_0_has_the_same_splits(tmp_path, folder):
    lines = ocr_letters.read_letter_lines(folder / ocr_letters.FILE)
    merged = replace(lines, folds=np.where(lines.folds < 8, 0, lines.folds))
    write_letter_lines(tmp_path / ocr_letters.FILE, merged)
    first, second = (ocr_letters.read(path, SETTINGS) for path in (folder, tmp_path))
    for name in first.splits:
        assert all(np.array_equal(a, b) for a, b in zip(first.splits[name], second.splits[name], strict=True))


def test_a_file_without_a_split_is_refused(tmp_path, folder):
    lines = ocr_letters.read_letter_lines(folder / ocr_letters.FILE)
    write_letter_lines(tmp_path / ocr_letters.FILE, LetterLines(**{**vars(lines), "folds": lines.folds % 9}))
    with pytest.raises(DataError, match=r"letter\.data\.gz: no word of the test split"):
        ocr_letters.read(tmp_path, SETTINGS)
    with pytest.raises(ConfigError, match="unknown option 'wrds'; expected one of words; did you mean 'words'"):
        ocr_letters.read(folder, replace(SETTINGS, options={"wrds": 3}))


@pytest.mark.parametrize("offsets", [[0, 3, 3, 7], [0, 3, 6], [1, 3, 7], [7]])
def test_offsets_that_do_not_fit_are_refused(tmp_path, offsets):
    arrays = (np.zeros((7, 1, 2, 2), dtype=np.uint8), np.zeros(7, dtype=np.int64))
    good, bad = np.array([0, 7], dtype=np.int64), np.array(offsets, dtype=np.int64)
    splits = {"train": (*arrays, good), "validation": (*arrays, good), "test": (*arrays, bad)}
    with pytest.raises(DataError, match="split test: offsets do not go up from 0 to 7 with no piece empty"):
        write_dataset(tmp_path, RawSplits(splits, ("a",)), SETTINGS)


def test_words_without_offsets_are_refused(tmp_path):
    arrays = (np.zeros((7, 1, 2, 2), dtype=np.uint8), np.zeros(7, dtype=np.int64))
    splits = dict.fromkeys(("train", "validation", "test"), arrays)
    with pytest.raises(DataError, match="split train: 2 arrays, expected inputs, targets, offsets"):
        write_dataset(tmp_path, RawSplits(splits, ("a",)), SETTINGS)


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=30),
    batch_size=st.integers(1, 12),
    at_once=st.integers(1, 20),
    data=st.data(),
)
def test_batches_hold_whole_words_in_order_also_when_resumed(lengths, batch_size, at_once, data):
    offsets = torch.tensor([0, *np.cumsum(lengths)])
    numbers = torch.arange(int(offsets[-1]))
    split = Split(numbers.to(torch.uint8).view(-1, 1, 1, 1), numbers, None, None, False)
    order = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(3))
    first = data.draw(st.integers(0, -(-len(lengths) // batch_size)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WORDS_AT_ONCE", at_once)
        found = list(word_batches(split, offsets, order, batch_size))
        resumed = list(word_batches(split, offsets, order, batch_size, first))
    expected = [list(range(int(offsets[w]), int(offsets[w + 1]))) for w in order.tolist()]
    by_batch = [list(itertools.chain(*expected[k : k + batch_size])) for k in range(0, len(expected), batch_size)]
    assert [batch.targets.tolist() for batch in found] == by_batch
    assert [batch.targets.tolist() for batch in resumed] == by_batch[first:]
    for batch in found:
        inputs, counts = batch.arguments
        assert int(counts.sum()) == len(batch.targets)
        assert torch.equal((inputs[:, 0, 0, 0] * 255).round().long(), batch.targets % 256)


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=12), seed=st.integers(0, 1000))
def test_word_accuracy_counts_words_without_a_mistake(lengths, seed):
    generator = np.random.default_rng(seed)
    offsets = np.array([0, *np.cumsum(lengths)])
    targets = generator.integers(0, 3, offsets[-1])
    labels = np.where(generator.random(len(targets)) < 0.7, targets, (targets + 1) % 3)
    whole = [all(labels[k] == targets[k] for k in range(a, b)) for a, b in itertools.pairwise(offsets)]
    assert word_accuracy(labels, targets, offsets) == pytest.approx(sum(whole) / len(whole))
    assert accuracy(labels, targets) >= word_accuracy(labels, targets, offsets) / max(lengths)


@pytest.mark.parametrize("crf", [False, True])
def test_predictions_word_by_word_and_in_batches_are_the_same(dataset, crf):
    torch.manual_seed(1)
    model = letter_bilstm.build(convolution=True, crf=crf, hidden=8)
    if model.crf is not None:
        torch.nn.init.normal_(model.crf.transitions)
    split, offsets = load_split(dataset, DATA, CPU, False, "test"), torch.tensor(dataset.splits["test"].offsets)
    found = predict_words(model, split, offsets)
    labels, losses, rows = [], [], []
    with torch.no_grad():
        for word in range(len(offsets) - 1):
            letters, lengths = word_rows(offsets, torch.tensor([word]))
            inputs, targets = split.take(letters)
            emissions = model(inputs, lengths)
            labels.append(model.decode(emissions, lengths))
            rows.append(model.log_probabilities(emissions, lengths))
            losses.append(float(model.loss(emissions, targets, lengths)) * len(targets))
    assert found.labels.tolist() == torch.cat(labels).tolist()
    np.testing.assert_allclose(found.log_probabilities, torch.cat(rows).numpy(), atol=1e-5)
    assert found.loss == pytest.approx(sum(losses) / len(split), rel=1e-5)
    np.testing.assert_allclose(np.exp(found.log_probabilities).sum(1), 1, atol=1e-4)


def test_the_loss_is_the_models_and_must_be_named(dataset):
    for loss, crf in (("crf", False), ("cross-entropy", True), ("nll", False)):
        model = ModelSettings("letter-bilstm", {"crf": crf})
        with pytest.raises(ConfigError, match=f"loss '{loss}': model letter-bilstm with these parameters trains with"):
            Training(a_word_run(model=model, loss=loss), dataset, CPU)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": TaskSettings("classification")}, "reads whole words; expected task: words"),
        ({"model": ModelSettings("letter-cnn")}, "reads single examples; expected task: classification"),
    ],
)
def test_task_and_model_must_fit(dataset, changes, message):
    with pytest.raises(ConfigError, match=message):
        Training(a_word_run(**changes), dataset, CPU)


def test_words_are_refused_where_the_examples_form_none(tmp_path):
    arrays = (np.zeros((7, 1, 16, 8), dtype=np.uint8), np.arange(7))
    raw = RawSplits(dict.fromkeys(("train", "validation", "test"), arrays), tuple("abcdefg"))
    write_dataset(tmp_path, raw, replace(SETTINGS, layout="examples"))
    with pytest.raises(ConfigError, match="the examples of data set ocr-letters form no words"):
        Training(a_word_run(), open_dataset(tmp_path), CPU)


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("words", [1, 7])
def test_training_on_words_learns_and_counts_letters(tmp_path, dataset, crf, words):
    settings = a_word_run(
        model=ModelSettings("letter-bilstm", {"hidden": 16, "crf": crf}),
        loss="crf" if crf else "cross-entropy",
        batch_size=words,
        epochs=4,
        optimiser=OptimiserSettings("adam", 0.003 if words == 1 else 0.01),
    )
    training = train(settings, dataset, tmp_path)
    assert training.task.steps_per_epoch == -(-48 // words)
    assert training.history[-1]["train_loss"] < 0.8 * training.history[0]["train_loss"]
    assert training.history[-1]["train_accuracy"] > training.history[0]["train_accuracy"]


def test_a_training_on_words_stopped_within_an_epoch_ends_with_the_same_bytes(tmp_path, dataset):
    settings = a_word_run(epochs=2, batch_size=5)
    whole = train(settings, dataset, tmp_path / "whole")
    stopped = Training(settings, dataset, CPU)
    progress = Progress("test", settings.epochs, stopped.total_steps, 0, io.StringIO())
    with pytest.raises(InterruptedError):
        stopped.run(StoppingCheckpoint(tmp_path / "c.pt", ""), progress, checkpoint_seconds=0)
    assert 0 < stopped.steps_done < stopped.task.steps_per_epoch
    resumed = Training(settings, dataset, CPU)
    resumed.restore(CheckpointFile(tmp_path / "c.pt", "").load(print))
    resumed.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    assert resumed.resumed == 1
    assert resumed.history == whole.history
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name


def test_the_lstm_and_the_crf_are_described():
    model = letter_bilstm.build(convolution=True, crf=True)
    layers = {layer.name: layer for layer in describe_layers(model)}
    assert layers["lstm"].output_shape == (256,)
    assert layers["output"].output_shape == (26,)
    crf = 26 * 26 + 2 * 26
    assert parameter_count(model) == sum(layer.parameters for layer in layers.values()) + crf
