"""The tools that look into networks, against plain loops, formulas, captum and other networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import Occlusion
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.datasets.store import RawSplits, open_dataset, write_dataset
from rework.engines import numpy_classifier
from rework.errors import ConfigError, DataError
from rework.inspection import codes, kernels, maximal, pictures
from rework.inspection.occlusion import occlusion_map
from rework.inspection.stages import on_blank, stages
from rework.inspection.subject import subject_of
from rework.models.building import build_model
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, ModelSettings, OptimiserSettings, RunSettings, TaskSettings
from torch import nn

COUNT = 12
NOTES = ModelSettings("notes-cnn")
SQUEEZENET = ModelSettings("squeezenet", {"classes": 3, "size": 32})
FEEDFORWARD = ModelSettings("feedforward", {"inputs": [3, 32, 32], "hidden": [7], "classes": 3})
WORDS = ModelSettings("letter-bilstm", {"convolution": True, "crf": True, "labels": 3, "hidden": 4})


def run_of(model, task="classification", normalise="half"):
    return RunSettings(
        *("notes", "run", 0, 0, model, DataSettings("pictures", normalise), OptimiserSettings("sgd", 0.1)),
        *("cross-entropy", 4, 1, None if task is None else TaskSettings(task)),
    )


def dataset_of(folder, shape, classes=("a", "b", "c")):
    generator = np.random.default_rng(1)
    labels = np.arange(COUNT, dtype=np.int64) % len(classes)
    split = generator.integers(0, 256, (COUNT, *shape), dtype=np.uint8), labels
    raw = RawSplits(dict.fromkeys(("train", "validation", "test"), split), tuple(classes))
    write_dataset(folder, raw, DatasetSettings("pictures", True, ()))
    return open_dataset(folder)


def looked_at(folder, model, shape=(3, 32, 32), **keywords):
    torch.manual_seed(3)
    run = run_of(model, **keywords)
    tensors = {name: tensor.numpy() for name, tensor in build_model(model).state_dict().items()}
    return subject_of(run, tensors, dataset_of(folder, shape))


@pytest.fixture
def notes(tmp_path):
    """The notes' network with fresh weights, on noise."""
    torch.manual_seed(3)
    model = build_model(NOTES)
    dataset = dataset_of(tmp_path, (3, 32, 32), "abcdefghij")
    return subject_of(run_of(NOTES), {name: value.numpy() for name, value in model.state_dict().items()}, dataset)


def test_probabilities_are_those_of_the_network_on_pictures_scaled_as_in_its_training(notes):
    bytes_ = notes.test.inputs.numpy()
    scaled = (torch.from_numpy(bytes_).float() / 255 - 0.5) / 0.5
    expected = notes.model(scaled).softmax(dim=1).numpy()
    np.testing.assert_allclose(notes.probabilities(bytes_), expected, atol=1e-6)
    np.testing.assert_allclose(notes.test_probabilities(), expected, atol=1e-6)
    assert not notes.model.training


def test_weights_of_another_network_are_refused(tmp_path):
    other = {name: tensor.numpy() for name, tensor in build_model(FEEDFORWARD).state_dict().items()}
    with pytest.raises(DataError, match="notes/run: the weights are not those of its network"):
        subject_of(run_of(NOTES), other, dataset_of(tmp_path, (3, 32, 32)))


def test_pictures_of_another_shape_and_what_is_no_network_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"its network reads \(3, 32, 32\), not \(3, 8, 8\)"):
        looked_at(tmp_path / "a", NOTES, (3, 8, 8))
    with pytest.raises(ConfigError, match="model 'bag-of-words' is no network"):
        subject_of(run_of(ModelSettings("bag-of-words"), task=None), {}, dataset_of(tmp_path / "b", (3, 8, 8)))


def test_a_numpy_network_is_the_same_in_torch(tmp_path):
    dataset = dataset_of(tmp_path, (1, 4, 4))
    generator = np.random.default_rng(0)
    sizes = {"layer1.weight": (16, 5), "layer1.bias": 5, "layer2.weight": (5, 3), "layer2.bias": 3}
    weights = {name: generator.normal(size=size) for name, size in sizes.items()}
    for activation in ("sigmoid", "tanh", "relu"):
        run = run_of(ModelSettings("numpy-classifier", {"activation": activation}), task=None, normalise="unit")
        subject = subject_of(run, {**weights, "initial.layer1.weight": np.zeros((16, 5))}, dataset)
        inputs = np.asarray(dataset.splits["test"].inputs).reshape(COUNT, -1) / 255
        expected = np.exp(numpy_classifier.log_probabilities(weights, activation, inputs))
        np.testing.assert_allclose(subject.test_probabilities(), expected, atol=1e-5)
        assert kernels.first_weights(subject).weights.shape == (5, 1, 4, 4)


def test_an_autoencoder_has_layers_but_no_classes(tmp_path):
    sizes = {f"layer{k}.{part}": size for k in (1, 2) for part, size in (("weight", (16, 16)), ("bias", 16))}
    weights = {name: np.full(size, 0.1) for name, size in sizes.items()}
    run = run_of(ModelSettings("numpy-autoencoder"), task=None, normalise="unit")
    subject = subject_of(run, weights, dataset_of(tmp_path, (1, 4, 4)))
    assert [stage.layer for stage in on_blank(subject)] == ["layer1", "layer2"]
    with pytest.raises(ConfigError, match="its network returns pictures"):
        occlusion_map(subject, subject.test.inputs[0].numpy(), 0, size=2, stride=1)


def test_stages_are_the_layers_with_the_activation_functions_that_follow(notes):
    inputs = notes.test.take(slice(0, 2))[0]
    found = {stage.layer: stage for stage in stages(notes, inputs)}
    model = notes.model
    first = model.conv1(inputs).relu()
    second = model.conv2(model.pool(first)).relu()
    hidden = model.fc1(model.pool(model.conv3(model.pool(second)).relu()).flatten(1)).relu()
    expected = {"conv1": first, "conv2": second, "fc1": hidden, "fc2": model.fc2(hidden)}
    assert list(found) == ["conv1", "conv2", "conv3", "fc1", "fc2"]
    for layer, values in expected.items():
        np.testing.assert_allclose(found[layer].outputs.numpy(), values.numpy(), atol=1e-5)
    np.testing.assert_allclose(found["fc2"].inputs.numpy(), hidden.numpy(), atol=1e-5)
    with pytest.raises(ConfigError, match="unknown layer 'conv9'"):
        stages(notes, inputs, ("conv9",))
    assert not any(module._forward_hooks for module in model.modules())


def test_layers_that_work_in_place_keep_their_outputs_apart(tmp_path):
    subject = looked_at(tmp_path, SQUEEZENET)
    inputs = subject.test.take(slice(0, 1))[0]
    found = stages(subject, inputs)
    assert found[0].layer == "features.0"
    np.testing.assert_allclose(found[0].outputs, subject.model.features[0](inputs).relu(), atol=1e-6)
    assert len({stage.layer for stage in found}) == len(found) == 26


@pytest.mark.parametrize("model", [FEEDFORWARD, SQUEEZENET], ids=lambda model: model.name)
def test_first_weights_are_those_of_the_first_layer(tmp_path, model):
    subject = looked_at(tmp_path, model)
    layer = next(module for module in subject.model.modules() if isinstance(module, nn.Conv2d | nn.Linear))
    found = kernels.first_weights(subject)
    assert found.weights.shape[1] == 3
    np.testing.assert_array_equal(found.weights.ravel(), layer.weight.numpy().ravel())
    colours = kernels.as_colours(found.weights)
    assert colours.min() >= 0
    assert colours.max() <= 1
    zero = kernels.as_colours(np.zeros((1, 3, 2, 2), np.float32))
    assert (zero == 0.5).all()


def test_a_network_of_words_reads_single_letters(tmp_path):
    subject = looked_at(tmp_path, WORDS, (1, 16, 8), task="words")
    found = subject.test_probabilities()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    one = subject.probabilities(subject.test.inputs[4:5].numpy())
    np.testing.assert_allclose(found[4:5], one, atol=1e-6)
    assert codes.codes(subject, 5).shape == (5, 8)


def test_the_strongest_pictures_are_those_of_a_plain_search(notes):
    found = maximal.strongest(notes, ("conv2", "fc1"), top=3)
    everything = {stage.layer: stage.outputs.numpy() for stage in stages(notes, notes.test.take(slice(None))[0])}
    for one in found:
        for unit in range(0, len(one.pictures), 7):
            values = [float(picture[unit].max()) for picture in everything[one.layer]]
            ranked = sorted(range(COUNT), key=lambda number, values=values: (-values[number], number))[:3]
            assert one.pictures[unit].tolist() == ranked
            assert one.values[unit].tolist() == pytest.approx([values[number] for number in ranked], abs=1e-6)
    for rank, (row, column) in enumerate(found[0].places[5]):
        assert everything["conv2"][found[0].pictures[5, rank], 5, row, column] == pytest.approx(
            found[0].values[5, rank]
        )
    assert maximal.strongest(notes, ("fc1",), top=3, count=4)[0].pictures.max() < 4


def test_what_a_unit_sees_is_where_pixels_change_it(notes):
    (found,) = maximal.strongest(notes, ("conv2",), top=2)
    unit = int(np.argmax(found.values[:, 0]))
    for rank, (top, bottom, left, right) in enumerate(maximal.seen_by(notes, found, unit)):
        row, column = found.places[unit, rank]
        # Two convolutions of 3 x 3 with pooling between: 2 * place - 3 to 2 * place + 4.
        assert 2 * row - 3 <= top < bottom <= 2 * row + 5
        assert 2 * column - 3 <= left < right <= 2 * column + 5
        picture = notes.test.inputs[int(found.pictures[unit, rank])].numpy().copy()
        before = value_of(notes, picture, unit, row, column)
        outside = np.ones((32, 32), bool)
        outside[max(0, 2 * row - 3) : 2 * row + 5, max(0, 2 * column - 3) : 2 * column + 5] = False
        changed = np.where(outside, 255 - picture, picture)
        assert value_of(notes, changed, unit, row, column) == pytest.approx(before, abs=1e-6)
        picture[:, top:bottom, left:right] = 255 - picture[:, top:bottom, left:right]
        assert value_of(notes, picture, unit, row, column) != pytest.approx(before, abs=1e-4)


def value_of(subject, picture, unit, row, column):
    (stage,) = stages(subject, subject.scaled(picture[None]), ("conv2",))
    return float(stage.outputs[0, unit, row, column])


def test_a_silent_unit_sees_nothing(notes):
    notes.model.conv1.bias[:] = -100
    (found,) = maximal.strongest(notes, ("conv1",), top=2)
    assert (found.values == 0).all()
    assert found.pictures[0].tolist() == [0, 1], "of equals, the first"
    assert maximal.seen_by(notes, found, 0).tolist() == [[0, 0, 0, 0]] * 2


@pytest.mark.parametrize(("size", "stride", "level"), [(8, 4, 0), (6, 5, 128), (32, 1, 0), (5, 9, 255)])
def test_occlusion_is_that_of_a_plain_loop(notes, size, stride, level):
    picture = notes.test.inputs[2].numpy()
    found = occlusion_map(notes, picture, 4, size=size, stride=stride, level=level)
    places = range(0, 32 - size + 1, stride)
    expected = np.zeros((len(places), len(places)))
    drops = [[[] for _ in range(32)] for _ in range(32)]
    whole = notes.probabilities(picture[None])[0, 4]
    for number, top in enumerate(places):
        for position, left in enumerate(places):
            hidden = picture.copy()
            hidden[:, top : top + size, left : left + size] = level
            expected[number, position] = notes.probabilities(hidden[None])[0, 4]
            for row in range(top, top + size):
                for column in range(left, left + size):
                    drops[row][column].append(whole - expected[number, position])
    assert found.whole == pytest.approx(whole, abs=1e-6)
    np.testing.assert_allclose(found.hidden, expected, atol=1e-6)
    mean = [[np.mean(values) if values else np.nan for values in row] for row in drops]
    np.testing.assert_allclose(found.importance(32, 32), mean, atol=1e-6)


@pytest.mark.parametrize(("size", "stride"), [(8, 8), (8, 4), (4, 2)])
def test_the_importance_of_pixels_is_captums_attribution(notes, size, stride):
    picture = notes.test.inputs[1].numpy()
    expected = Occlusion(lambda inputs: notes.outputs(inputs).exp()).attribute(
        notes.scaled(picture[None]),
        target=3,
        sliding_window_shapes=(3, size, size),
        strides=(3, stride, stride),
        baselines=notes.scaled(np.full((1, 3, 32, 32), 90, np.uint8)),
        perturbations_per_eval=16,
    )[0, 0]
    found = occlusion_map(notes, picture, 3, size=size, stride=stride, level=90)
    np.testing.assert_allclose(found.importance(32, 32), expected.numpy(), atol=1e-6)


def test_a_patch_larger_than_the_picture_is_refused(notes):
    with pytest.raises(ConfigError, match="a patch of 33 × 33 pixels does not fit into a picture of 32 × 32"):
        occlusion_map(notes, notes.test.inputs[0].numpy(), 0, size=33, stride=1)


def test_codes_are_what_the_last_layer_reads(notes, tmp_path):
    found = codes.codes(notes, 5)
    scores = notes.model(notes.test.take(slice(0, 5))[0])
    np.testing.assert_allclose(
        found @ notes.model.fc2.weight.numpy().T + notes.model.fc2.bias.numpy(), scores, atol=1e-5
    )
    assert (found >= 0).all(), "after ReLU"
    assert codes.codes(looked_at(tmp_path / "s", SQUEEZENET), 2).shape == (2, 512)


def test_tsne_keeps_groups_together_and_is_the_same_each_time():
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    vectors = (np.eye(3)[labels] * 20 + generator.normal(size=(60, 3))).astype(np.float32)
    places = codes.tsne_map(vectors, seed=5)
    assert codes.neighbour_agreement(places, labels) > 0.95
    np.testing.assert_array_equal(places, codes.tsne_map(vectors, seed=5))


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 40), columns=st.integers(1, 8), seed=st.integers(0, 99))
def test_each_place_gets_a_cell_of_its_own(count, columns, seed):
    places = np.random.default_rng(seed).normal(size=(count, 2))
    cells = codes.on_grid(places, columns)
    assert len({tuple(cell) for cell in cells}) == count
    assert cells.min() >= 0
    assert cells[:, 0].max() < -(-count // columns)
    assert cells[:, 1].max() < columns


def test_a_grid_of_places_stays_as_it_is():
    rows, columns = np.divmod(np.random.default_rng(3).permutation(12), 4)
    cells = codes.on_grid(np.stack([columns, -rows], axis=1).astype(float), 4)
    np.testing.assert_array_equal(cells, np.stack([rows, columns], axis=1))


def test_neighbours_are_counted_as_in_a_plain_loop():
    generator = np.random.default_rng(4)
    vectors, labels = generator.normal(size=(30, 3)), generator.integers(0, 3, 30)
    vectors[7] = vectors[3]  # equal vectors must not count themselves
    shares = []
    for number, vector in enumerate(vectors):
        distances = np.linalg.norm(vectors - vector, axis=1)
        distances[number] = np.inf
        shares.append(np.mean(labels[np.argsort(distances)[:4]] == labels[number]))
    assert codes.neighbour_agreement(vectors, labels, 4) == pytest.approx(np.mean(shares))


def test_a_picture_of_ones_own_is_cut_in_the_middle_and_averaged():
    picture = np.zeros((4, 8, 3), np.uint8)
    picture[:, 2:6] = (200, 100, 0)
    picture[0, 2] = 0
    found = pictures.fitted(picture, (3, 2, 2))
    assert found[:, 1, 1].tolist() == [200, 100, 0]
    assert found[0].tolist() == [[150, 200], [200, 200]]
    grey = pictures.fitted(picture, (1, 2, 4))
    assert grey.shape == (1, 2, 4)
    assert grey[0, 0, 0] == 0
    with pytest.raises(ConfigError, match="this network reads 2"):
        pictures.fitted(picture, (2, 2, 2))


def test_a_run_that_reads_no_pictures_is_refused(tmp_path):
    dataset = dataset_of(tmp_path, (3, 32, 32))
    floats = {name: array.astype(np.float32) for name, array in dataset.splits["test"].arrays.items()}
    split = replace(dataset.splits["test"], arrays=floats)
    with pytest.raises(ConfigError, match="its inputs are no pictures"):
        subject_of(run_of(NOTES), {}, replace(dataset, splits={**dataset.splits, "test": split}))
