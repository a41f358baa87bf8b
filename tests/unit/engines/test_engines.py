"""Models with their own training: the numpy networks and the bag of visual words, and the step that runs them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from rework.datasets.store import RawSplits, open_dataset, write_dataset
from rework.engines import bag_of_words, numpy_autoencoder, numpy_classifier
from rework.engines.bag_of_words import filter_responses, nearest, nearest_words, pyramid_histograms
from rework.errors import ConfigError
from rework.evaluation.metrics import accuracy
from rework.paths import RUN_FILES, dataset_dir, run_dir
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, ModelSettings, OptimiserSettings, RunSettings, TaskSettings
from scipy.ndimage import gaussian_filter, gaussian_laplace
from skimage.color import rgb2lab

RUN = RunSettings(
    writeup="tests",
    run="numpy",
    seed=0,
    global_seed=7,
    model=ModelSettings("numpy-classifier", {"hidden": (12,)}),
    data=DataSettings("bars"),
    optimiser=OptimiserSettings("sgd", 0.01, {"momentum": 0.5}),
    loss="cross-entropy",
    batch_size=8,
    epochs=15,
    task=None,
)


def silent(number, text):
    """Report nothing."""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Data sets of noisy bars, grey and in colours, four classes."""
    folder = tmp_path_factory.mktemp("engines")
    random = np.random.default_rng(5)
    for name, channels in (("bars", 1), ("colours", 3)):
        splits = {}
        for split, count in (("train", 60), ("validation", 24), ("test", 32)):
            targets = random.integers(0, 4, count)
            inputs = random.integers(0, 90, (count, channels, 16, 16))
            for row, target in enumerate(targets):
                inputs[row, target % channels, :, 4 * target : 4 * target + 3] += 120
            splits[split] = (inputs.astype(np.uint8), targets.astype(np.int64))
        write_dataset(
            dataset_dir(folder, name), RawSplits(splits, ("a", "b", "c", "d")), DatasetSettings(name, True, ())
        )
    return folder


@pytest.fixture(scope="module")
def bars(results):
    return open_dataset(dataset_dir(results, "bars"))


@pytest.mark.parametrize("batches", ["shuffled", "drawn-once"])
def test_the_numpy_classifier_learns_and_says_what_it_measured(bars, batches):
    fitted = numpy_classifier.fit(RUN, bars, silent, hidden=(12,), batches=batches)
    assert [row["epoch"] for row in fitted.history] == list(range(1, 16))
    assert fitted.history[-1]["train_loss"] < 0.5 * fitted.history[0]["train_loss"]
    assert fitted.metrics["test_accuracy"][0] > 0.8
    assert set(fitted.metrics) == set(numpy_classifier.METRICS)
    inputs = np.asarray(bars.splits["test"].inputs).reshape(32, -1) / 255
    again = numpy_classifier.log_probabilities(fitted.weights, "sigmoid", inputs)
    assert fitted.metrics["test_accuracy"] == (accuracy(again.argmax(1), np.asarray(bars.splits["test"].targets)), 32)
    assert np.exp(again) == pytest.approx(fitted.predictions["probabilities"], abs=1e-6)
    assert not np.array_equal(fitted.weights["initial.layer1.weight"], fitted.weights["layer1.weight"])
    assert fitted.parameters == 256 * 12 + 12 + 12 * 4 + 4
    assert fitted.steps == 15 * 8


def test_the_same_seed_gives_the_same_weights_and_another_one_others(bars):
    first, again, other = (
        numpy_classifier.fit(replace(RUN, seed=seed, epochs=2), bars, silent, hidden=(12,)) for seed in (0, 0, 1)
    )
    assert np.array_equal(first.weights["layer2.weight"], again.weights["layer2.weight"])
    assert not np.array_equal(first.weights["layer2.weight"], other.weights["layer2.weight"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "nll"}, "has the loss 'cross-entropy', found 'nll'"),
        ({"optimiser": OptimiserSettings("adam", 0.1)}, "remove optimiser.name adam"),
        ({"optimiser": OptimiserSettings("sgd", 0.1, {"nesterov": True})}, "remove optimiser.nesterov"),
        ({"optimiser": OptimiserSettings("sgd", 0.1, schedule="linear")}, "remove optimiser.schedule linear"),
        ({"data": DataSettings("bars", "half")}, "remove settings of data besides data.dataset"),
    ],
)
def test_what_the_numpy_network_does_not_do_is_refused(bars, changes, message):
    with pytest.raises(ConfigError, match=message):
        numpy_classifier.fit(replace(RUN, **changes), bars, silent)


def test_the_autoencoder_gives_back_more_than_a_grey_picture(bars):
    settings = replace(
        RUN, loss="squared-error", epochs=40, optimiser=OptimiserSettings("sgd", 3e-4, {"momentum": 0.9})
    )
    fitted = numpy_autoencoder.fit(settings, bars, silent, hidden=16)
    pictures = np.asarray(bars.splits["validation"].inputs).reshape(24, -1) / 255
    mean = np.asarray(bars.splits["train"].inputs).reshape(60, -1).mean(axis=0) / 255
    constant = numpy_autoencoder.mean_psnr(pictures, np.broadcast_to(mean, pictures.shape))
    assert fitted.metrics["psnr"][0] > constant + 1
    assert fitted.metrics["psnr"][1] == 24
    assert set(fitted.metrics) == set(numpy_autoencoder.METRICS)
    shown = fitted.predictions["examples"]
    assert sorted(np.bincount(np.asarray(bars.splits["validation"].targets)[shown]).tolist()) == [2, 2, 2, 2]
    error = ((pictures[shown] - fitted.predictions["reconstructions"]) ** 2).mean(axis=1)
    assert (10 * np.log10(1 / error)).mean() == pytest.approx(fitted.metrics["psnr"][0], abs=1.5)


def test_the_autoencoder_sees_the_same_batches_in_all_epochs_if_they_are_drawn_once(bars):
    """At a rate of next to nothing, equal batches have equal losses."""
    still = replace(RUN, loss="squared-error", epochs=4, optimiser=OptimiserSettings("sgd", 1e-15, {}))
    losses = {}
    for batches in ("shuffled", "drawn-once"):
        fitted = numpy_autoencoder.fit(still, bars, silent, hidden=4, batches=batches)
        losses[batches] = [row["train_loss"] for row in fitted.history]
    assert losses["drawn-once"] == pytest.approx([losses["drawn-once"][0]] * 4, rel=1e-9)
    assert losses["shuffled"] == pytest.approx([losses["shuffled"][0]] * 4, rel=1e-9)
    assert losses["drawn-once"][0] != pytest.approx(losses["shuffled"][0], rel=1e-6), "other pictures"


def test_the_rate_of_the_autoencoder_falls_after_some_epochs(bars):
    settings = replace(RUN, loss="squared-error", epochs=7, optimiser=OptimiserSettings("sgd", 3e-4, {"momentum": 0.9}))
    fitted = numpy_autoencoder.fit(settings, bars, silent, hidden=4, decay=0.9, decay_epochs=3)
    expected = [3e-4] * 3 + [2.7e-4] * 3 + [2.43e-4]
    assert [row["learning_rate"] for row in fitted.history] == pytest.approx(expected)
    constant = numpy_autoencoder.fit(settings, bars, silent, hidden=4)
    losses, others = ([row["train_loss"] for row in one.history] for one in (fitted, constant))
    assert losses[:3] == others[:3]
    assert losses[3] != others[3], "the rate that is recorded is the one that is used"


def test_psnr_is_that_of_a_worked_example():
    pictures, others = np.zeros((2, 4)), np.array([[0.1, 0.1, 0.1, 0.1], [1.0, 0, 0, 0]])
    assert numpy_autoencoder.mean_psnr(pictures, others) == pytest.approx((20 + 10 * np.log10(4)) / 2)


def test_filter_responses_are_those_of_scipy_for_a_single_channel():
    picture = np.random.default_rng(0).integers(0, 256, (1, 3, 40, 36)).astype(np.uint8)
    found = filter_responses(picture, (2.0,), 1)[0]
    lightness = rgb2lab(picture[0].transpose(1, 2, 0) / 255)[..., 0]
    assert found.shape == (40, 36, 12)
    assert found[..., 0] == pytest.approx(gaussian_filter(lightness, 2, radius=6), abs=1e-3)
    assert found[..., 3] == pytest.approx(2 * gaussian_filter(lightness, 2, order=(1, 0), radius=6), abs=1e-3)
    laplacian = gaussian_laplace(lightness, 2, radius=6)
    assert found[..., 9] == pytest.approx(4 * laplacian, abs=1e-2)


def test_pyramids_are_those_counted_by_hand():
    words = np.random.default_rng(1).integers(0, 3, (2, 9, 10))
    found = pyramid_histograms(words, 3)
    assert found.shape == (2, 21 * 3)
    assert found.sum(axis=1) == pytest.approx([1, 1])
    for picture in range(2):
        expected = []
        for side, weight in ((1, 0.25), (2, 0.25), (4, 0.5)):
            for row in range(side):
                for column in range(side):
                    counts = [0, 0, 0]
                    for y in range(9):
                        for x in range(10):
                            if (y * 4 // 9) * side // 4 == row and (x * 4 // 10) * side // 4 == column:
                                counts[words[picture, y, x]] += 1
                    expected += [weight * count / 90 for count in counts]
        assert found[picture] == pytest.approx(expected, abs=1e-6)


def test_nearest_words_and_pictures_are_those_of_brute_force():
    random = np.random.default_rng(2)
    responses, centres = random.normal(size=(2, 3, 4, 5)).astype("f"), random.normal(size=(6, 5)).astype("f")
    distances = ((responses[..., None, :] - centres) ** 2).sum(-1)
    assert np.array_equal(nearest_words(responses, centres), distances.argmin(-1))
    histograms, known = random.random((4, 8)).astype("f"), random.random((5, 8)).astype("f")
    expected = [max(range(5), key=lambda k: sum(map(min, row, known[k]))) for row in histograms]
    assert nearest(histograms, known).tolist() == expected


def test_the_bag_of_words_tells_coloured_bars_apart_and_not_grey_pictures(results, bars):
    colours = open_dataset(dataset_dir(results, "colours"))
    fitted = bag_of_words.fit(RUN, colours, silent, words=20, pixels_per_picture=40, scales=(1, 2), shrink=1)
    assert fitted.metrics["test_accuracy"][0] > 0.7
    assert set(fitted.metrics) == set(bag_of_words.METRICS)
    assert fitted.weights["words"].shape == (20, 24)
    assert len(fitted.history) == 0
    with pytest.raises(ConfigError, match="needs colour pictures"):
        bag_of_words.fit(RUN, bars, silent)


def test_the_step_writes_all_files_of_a_run(results, capsys):
    from rework.cli import main

    words = ["fit", "--settings", RUN.to_json(), "--results", str(results)]
    assert main(words) == 0
    folder = run_dir(results, "tests", "numpy", 0)
    assert sorted(path.name for path in folder.iterdir()) == sorted(RUN_FILES)
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["settings"] == json.loads(RUN.to_json())
    first = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "provenance.json"}
    assert main(words) == 0
    assert first == {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "provenance.json"}
    wrong = replace(RUN, model=ModelSettings("numpy-classifier", {"hiden": (3,)}))
    assert main(["fit", "--settings", wrong.to_json(), "--results", str(results)]) == 2
    assert "hiden" in capsys.readouterr().err
    torch_run = replace(RUN, model=ModelSettings("feedforward"))
    torch_run = replace(torch_run, task=TaskSettings("classification"))
    assert main(["fit", "--settings", torch_run.to_json(), "--results", str(results)]) == 2
    assert "has no training of its own" in capsys.readouterr().err
