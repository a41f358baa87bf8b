"""The task of captions: what a batch is, what its loss is, what is measured, and that a killed training goes on."""

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from rework.datasets.references import references
from rework.datasets.store import open_dataset
from rework.datasets.vocabulary import PADDING
from rework.errors import ConfigError
from rework.evaluation.captions import sentence_bleu
from rework.settings.run import ClipSettings, DataSettings, ModelSettings, OptimiserSettings, TaskSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.decoding import beam_search, greedy
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks import captions as module
from rework.training.tasks.task import load_task
from tiny_captions import SIZES, write_tiny_captions
from tiny_runs import StoppingCheckpoint, a_run, train

CPU = torch.device("cpu")
MODELS = ("caption-lstm", "caption-joined-scores", "caption-attention")
SMALL = {"grid": 2, "embedding": 8, "hidden": 24}
# Pictures have three captions and two in turn.
CAPTIONS = {"train": 30, "validation": 13, "test": 15}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_captions(tmp_path_factory.mktemp("results")))


def a_caption_run(name="caption-attention", **changes):
    settings = a_run(
        data=DataSettings("captions"),
        task=TaskSettings("captions"),
        model=ModelSettings(name, {**SMALL, "dropout": 0.3}),
        loss="cross-entropy",
        optimiser=OptimiserSettings("adam", 0.01, clip=ClipSettings(value=5)),
        batch_size=8,
    )
    return replace(settings, **changes)


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """Return a function that returns a longer training of a decoder, the same for all tests."""

    @cache
    def training_of(name):
        settings = a_caption_run(name, epochs=24, optimiser=OptimiserSettings("adam", 0.02))
        return train(settings, dataset, tmp_path_factory.mktemp(name))

    return training_of


def evaluated(settings, dataset, model):
    task = load_task(settings, dataset, model)
    task.load(CPU, False, "evaluation")
    return task, task.evaluate()


def test_every_caption_is_an_example_of_an_epoch_with_the_features_of_its_picture(dataset):
    training = Training(a_caption_run(), dataset, CPU)
    arrays = dataset.splits["train"].arrays
    captions = [tuple(row[row != PADDING]) for row in arrays["targets"]]
    first, second = (list(training.task.batches(epoch, 0)) for epoch in (0, 1))
    assert training.task.steps_per_epoch == len(first) == 4
    seen = []
    for batch in first:
        features, words = batch.arguments
        assert features.dtype == torch.float32
        assert words.shape == batch.targets.shape
        length = max(int((row != PADDING).sum()) for row in batch.targets)
        assert batch.targets.shape[1] == length, "cut to the longest caption of the batch"
        assert torch.equal(words[:, 1:], batch.targets[:, :-1]), "what is read is what had to be written before"
        for feature, read, target in zip(features.numpy(), words.numpy(), batch.targets.numpy(), strict=True):
            caption = (read[0], *target[target != PADDING])
            places = [place for place, found in enumerate(captions) if found == caption]
            pictures = [arrays["pictures"][place] for place in places]
            assert any(np.array_equal(feature, arrays["inputs"][picture].astype(np.float32)) for picture in pictures)
            seen.append(caption)
    assert sorted(seen) == sorted(captions)
    assert len(captions) == CAPTIONS["train"]
    assert not all(
        torch.equal(a.targets, b.targets)
        for a, b in zip(first, second, strict=True)
        if a.targets.shape == b.targets.shape
    )
    resumed = list(training.task.batches(0, 2))
    assert all(torch.equal(a.targets, b.targets) for a, b in zip(first[2:], resumed, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_a_padded_batch_gives_the_loss_of_its_parts(dataset, name):
    training = Training(a_caption_run(name), dataset, CPU)
    task, model = training.task, training.model.double().eval()
    batch = next(batch for batch in task.batches(0, 0) if (batch.targets == PADDING).any())
    features, words = batch.arguments
    whole = task.loss((model(features.double(), words),), batch)
    total, count = 0.0, 0
    for picture, read, target in zip(features.double(), words, batch.targets, strict=True):
        length = int((target != PADDING).sum())
        chances = model(picture[None], read[None, :length])[0].log_softmax(1)
        total -= float(chances[torch.arange(length), target[:length]].sum().detach())
        count += length
    assert float(whole.detach()) == pytest.approx(total / count, rel=1e-10)


@pytest.mark.parametrize("name", MODELS)
def test_the_content_of_padding_changes_neither_loss_nor_gradient(dataset, name):
    """Nor does more padding: what is read after the end of a caption goes nowhere."""
    training = Training(a_caption_run(name), dataset, CPU)
    task, model = training.task, training.model.double().eval()
    batch = next(batch for batch in task.batches(0, 0) if (batch.targets == PADDING).any())
    features, words = batch.arguments
    after = torch.cat([torch.zeros(len(words), 1, dtype=torch.bool), batch.targets[:, :-1] == PADDING], 1)
    assert after.any()
    changed = torch.where(after, torch.randint_like(words, 1, model.vocabulary), words)
    longer = torch.nn.functional.pad(changed, (0, 3), value=5)
    targets = torch.nn.functional.pad(batch.targets, (0, 3), value=PADDING)
    found = []
    for read, written in ((words, batch.targets), (changed, batch.targets), (longer, targets)):
        one = module.Batch((features.double(), read), written)
        loss = task.loss((model(*one.arguments),), one)
        found.append((loss.detach(), torch.autograd.grad(loss, tuple(model.parameters()))))
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], rtol=1e-9, atol=1e-12)


def test_the_loss_of_an_epoch_is_the_mean_over_its_batches(tmp_path, dataset):
    """As in the course; over words or captions it would be another number, as the last batch is smaller."""
    settings = a_caption_run(epochs=1)
    training = Training(settings, dataset, CPU)
    losses, words, captions = [], [], []
    loss_of = training.task.loss

    def recorded(outputs, batch):
        loss = loss_of(outputs, batch)
        if torch.is_grad_enabled():
            losses.append(float(loss.detach()))
            words.append(int((batch.targets != PADDING).sum()))
            captions.append(len(batch.targets))
        return loss

    training.task.loss = training.passes.loss_function = recorded
    progress = Progress("test", 1, training.total_steps, 0, io.StringIO())
    training.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    assert captions == [8, 8, 8, 6]
    assert training.history[0]["train_loss"] == pytest.approx(np.mean(losses), rel=1e-6)
    for weights in (words, captions):
        assert abs(np.average(losses, weights=weights) - np.mean(losses)) > 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_it_learns_and_measures_after_each_epoch_what_it_declares(trained, dataset, name):
    training = trained(name)
    first, last = training.history[0], training.history[-1]
    assert set(module.HISTORY) <= set(first)
    assert last["train_loss"] < 0.8 * first["train_loss"]
    assert last["validation_loss"] < 0.8 * first["validation_loss"]
    assert 0 < last["validation_bleu4"] <= 1
    task = training.task
    features = dataset.splits["validation"].inputs.astype(np.float32)
    training.model.eval()
    with torch.no_grad():
        words = greedy(training.model, torch.from_numpy(features), 22).words
    texts = [" ".join(dataset.classes[k] for k in row if k > 2) for row in words.tolist()]
    assert last["validation_bleu4"] == float(sentence_bleu(texts, references(dataset.splits["validation"])).mean())
    assert "mean sentence BLEU-4" in task.epoch_text(last)
    assert "test" not in task.features, "a training does not read the test split"


def test_references_are_the_captions_of_each_picture_as_people_wrote_them(dataset):
    for split, count in SIZES.items():
        arrays = dataset.splits[split].arrays
        found = references(dataset.splits[split])
        assert [len(given) for given in found] == [3 - place % 2 for place in range(count)]
        pairs = [(picture, text) for picture, given in enumerate(found) for text in given]
        assert pairs == list(zip(arrays["pictures"].tolist(), arrays["texts"].tolist(), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_an_evaluation_measures_what_is_declared_and_keeps_what_it_measured(trained, dataset, monkeypatch, name):
    monkeypatch.setattr(module, "PICTURES_AT_ONCE", 4)
    monkeypatch.setattr(module, "CAPTIONS_AT_ONCE", 4)
    model = trained(name).model
    settings = a_caption_run(name, task=TaskSettings("captions", {"longest": 9, "beam": 2}))
    found = evaluated(settings, dataset, model)[1]
    assert set(found.metrics) == set(module.METRICS)
    assert module.HEADLINE in found.metrics
    arrays, given = found.arrays, references(dataset.splits["test"])
    for prefix, captions in (("", "captions"), ("beam_", "beam_captions")):
        texts = arrays[captions].tolist()
        assert arrays[f"{prefix}bleu4"].tolist() == sentence_bleu(texts, given).tolist()
        assert found.metrics[f"test_{prefix}bleu4"] == (float(arrays[f"{prefix}bleu4"].mean()), SIZES["test"])
        assert len(set(texts)) > 1
    zeros = sum(score == 0 for score in arrays["bleu4"].tolist())
    assert found.metrics["test_zero_share"] == (zeros / SIZES["test"], SIZES["test"])
    features = torch.from_numpy(dataset.splits["test"].inputs.astype(np.float32))
    with torch.no_grad():
        beams = [beam_search(model, one[None], 9, 2)[0].tolist() for one in features]
    assert arrays["beam_captions"].tolist() == [" ".join(dataset.classes[k] for k in row if k > 2) for row in beams]


def test_captions_are_no_longer_than_asked(trained, dataset):
    settings = a_caption_run(task=TaskSettings("captions", {"longest": 3}))
    arrays = evaluated(settings, dataset, trained("caption-attention").model)[1].arrays
    for captions in ("captions", "beam_captions"):
        assert max(len(text.split()) for text in arrays[captions].tolist()) == 3
    assert arrays["attention"].shape[1] == 3


def test_losses_are_means_over_all_words_of_a_split(trained, dataset, monkeypatch):
    settings, model = a_caption_run(), trained("caption-attention").model
    results = []
    for at_once in (1, 4, 128):
        monkeypatch.setattr(module, "CAPTIONS_AT_ONCE", at_once)
        results.append(evaluated(settings, dataset, model)[1].metrics)
    for split in ("validation", "test"):
        words = int((dataset.splits[split].targets[:, 1:] != PADDING).sum())
        for metrics in results:
            assert metrics[f"{split}_loss"] == (pytest.approx(results[0][f"{split}_loss"][0], rel=1e-5), words)


def test_attention_is_kept_for_the_words_of_each_caption_and_no_others(trained, dataset):
    arrays = evaluated(a_caption_run(), dataset, trained("caption-attention").model)[1].arrays
    maps = arrays["attention"]
    assert maps.dtype == np.float16
    assert maps.shape == (SIZES["test"], 22, 4)
    for caption, found in zip(arrays["captions"].tolist(), maps.astype(np.float64), strict=True):
        read = min(22, len(caption.split()) + 1)  # with the end
        np.testing.assert_allclose(found[:read].sum(axis=1), 1, atol=2e-3)
        assert not found[read:].any()
    for name in MODELS[:2]:
        without = a_caption_run(name)
        found = evaluated(without, dataset, Training(without, dataset, CPU).model)[1].arrays["attention"]
        assert found.shape == (SIZES["test"], 22, 0)


@pytest.mark.parametrize("name", MODELS)
def test_a_training_stopped_within_an_epoch_ends_with_the_same_bytes(tmp_path, dataset, name):
    settings = a_caption_run(name)
    whole = train(settings, dataset, tmp_path / "whole")
    stopped = Training(settings, dataset, CPU)
    progress = Progress("test", settings.epochs, stopped.total_steps, 0, io.StringIO())
    with pytest.raises(InterruptedError):
        stopped.run(StoppingCheckpoint(tmp_path / "c.pt", ""), progress, checkpoint_seconds=0)
    assert 0 < stopped.steps_done < stopped.task.steps_per_epoch
    torch.manual_seed(99)
    resumed = Training(settings, dataset, CPU)
    resumed.restore(CheckpointFile(tmp_path / "c.pt", "").load(print))
    resumed.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    assert resumed.resumed == 1
    assert resumed.history == whole.history
    for key, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[key]), key
    again = train(settings, dataset, tmp_path / "again")
    assert all(torch.equal(a, b) for a, b in zip(again.model.parameters(), whole.model.parameters(), strict=True))


def test_a_clipped_training_differs_from_one_that_is_not(tmp_path, dataset):
    settings = a_caption_run(epochs=1)
    weights = []
    for number, clip in enumerate([ClipSettings(), ClipSettings(value=1e-3), ClipSettings(norm=1e-3)]):
        optimiser = OptimiserSettings("sgd", 0.5, clip=clip)
        training = train(replace(settings, optimiser=optimiser), dataset, tmp_path / str(number))
        weights.append(torch.cat([parameter.detach().flatten() for parameter in training.model.parameters()]))
    start = torch.cat([one.detach().flatten() for one in Training(settings, dataset, CPU).model.parameters()])
    moved = [float((one - start).abs().max()) for one in weights]
    assert moved[0] > 10 * moved[1]
    # Four steps, each of at most 0.5 times the limit.
    assert moved[1] <= 4 * 0.5e-3 * 1.01
    assert float((weights[2] - start).norm()) <= 4 * 0.5e-3 * 1.01


def test_bfloat16_trains_too(tmp_path, dataset):
    training = train(a_caption_run(precision="bf16"), dataset, tmp_path)
    assert training.history[-1]["train_loss"] < training.history[0]["train_loss"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (ModelSettings("feedforward"), "model feedforward writes no captions"),
        (
            ModelSettings("caption-lstm"),
            "model caption-lstm reads 256 positions of 512 channels, but data set captions has 4 of 512; set model.g",
        ),
        (
            ModelSettings("caption-lstm", {"grid": 2, "vocabulary": 7}),
            r"model caption-lstm knows 7 words, but data set captions has \d+; leave out model.vocabulary",
        ),
    ],
)
def test_models_that_do_not_fit_are_refused(dataset, model, message):
    with pytest.raises(ConfigError, match=f"^tests/cnn: {message}"):
        Training(a_caption_run(model=model), dataset, CPU)
