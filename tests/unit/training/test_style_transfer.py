"""Style transfer: the losses by hand, the course's own loop, resuming, and mistakes in the configuration."""

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rework.datasets.picture_files import stored_picture
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.models.imagenet import DEVIATION, MEAN
from rework.settings.run import ModelSettings, OptimiserSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks import style_transfer as module
from safetensors.torch import load_file
from tiny_pictures import SIDE, a_style_run, write_random_weights, write_tiny_pictures
from tiny_runs import StoppingCheckpoint

CPU = torch.device("cpu")
BASES = ("squeezenet-1-1", "vgg-19")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def dataset(folder):
    return open_dataset(write_tiny_pictures(folder))


@pytest.fixture(scope="module")
def weights(folder):
    return cache(lambda base: write_random_weights(folder, a_style_run(base)))


@pytest.fixture
def training_of(dataset, weights):
    def build(settings):
        return Training(settings, dataset, CPU, weights(settings.model.parameters["base"]))

    return build


def run(training, folder, kind=CheckpointFile, name="c.pt"):
    progress = Progress("test", training.settings.epochs, training.total_steps, training.steps_done, io.StringIO())
    training.run(kind(folder / name, ""), progress)
    return training


# The course's code (Style_Transfer_Solution.ipynb, cells 6 to 20), with the names of its variables.


def get_features(image, model, layers):
    features = {}
    x = image
    for name, layer in model._modules.items():
        x = layer(x)
        if name in layers:
            features[layers[name]] = x
    return features


def gram_matrix(tensor):
    _, d, h, w = tensor.size()
    tensor = tensor.view(d, h * w)
    return torch.mm(tensor, tensor.t())


def transfer_of_the_course(model, layers, content, style, style_weights, content_weight, style_weight, steps):
    content_features = get_features(content, model, layers)
    style_features = get_features(style, model, layers)
    style_grams = {layer: gram_matrix(style_features[layer]) for layer in style_features}
    target = content.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([target], lr=0.003)
    losses = []
    for _ in range(steps):
        target_features = get_features(target, model, layers)
        content_loss = torch.mean((target_features["conv4_2"] - content_features["conv4_2"]) ** 2)
        style_loss = 0
        for layer in style_weights:
            target_feature = target_features[layer]
            target_gram = gram_matrix(target_feature)
            _, d, h, w = target_feature.shape
            layer_style_loss = style_weights[layer] * torch.mean((target_gram - style_grams[layer]) ** 2)
            style_loss += layer_style_loss / (d * h * w)
        total_loss = content_weight * content_loss + style_weight * style_loss
        optimizer.zero_grad()
        total_loss.backward()
        optimizer.step()
        losses.append(total_loss.item())
    return target.detach(), losses


def normalised(picture):
    levels = torch.tensor(picture, dtype=torch.float32).permute(2, 0, 1) / 255
    return torchvision.transforms.Normalize(MEAN, DEVIATION)(levels).unsqueeze(0)


# The names of the course's layers are their positions in VGG-19; whatever follows works in place, as it does there.
VGG_LAYERS = {"0": "conv1_1", "5": "conv2_1", "10": "conv3_1", "19": "conv4_1", "21": "conv4_2", "28": "conv5_1"}


def test_it_is_the_loop_of_the_course(training_of, weights, tmp_path):
    settings = a_style_run("vgg-19", alpha=1, beta=1e6)
    training = training_of(settings)
    content, style = (normalised(training.task.pictures[name]) for name in ("content", "style"))
    vgg = torchvision.models.vgg19(weights=None).features
    vgg.load_state_dict({name.removeprefix("features."): one for name, one in load_file(weights("vgg-19")).items()})
    vgg.requires_grad_(False)
    layer_weights = dict(zip(module.STYLE_LAYERS, (1.0, 0.75, 0.2, 0.2, 0.2), strict=True))
    picture, losses = transfer_of_the_course(vgg, VGG_LAYERS, content, style, layer_weights, 1, 1e6, steps=6)
    run(training, tmp_path)
    assert training.steps_done == 6
    first, second = (np.mean(losses[:3]), np.mean(losses[3:]))
    assert training.history[0]["total_loss"] < losses[0]
    found = training.model.picture.pixels.detach()
    # Adam's first updates all have the length of the rate, whatever the gradient, so that rounding can show.
    assert (found - picture[0]).abs().max() < 0.003
    assert (found - picture[0]).abs().mean() < 2e-5
    assert (found - content[0]).abs().mean() > 0.005, "the test would see an unchanged picture"
    assert second < first


def test_the_losses_are_those_by_hand(training_of):
    task = training_of(a_style_run(alpha=3, beta=7, weights=(0.9, 0.6, 0.5, 0.3, 0.2))).task
    random = np.random.default_rng(1)
    content = random.normal(size=(1, 2, 3, 4))
    grams = [random.normal(size=(size, size)) for size in (2, 3, 2, 4, 2)]
    task.sizes = [24, 12, 8, 16, 6]
    task.seen = {
        "content": (torch.tensor(content) + 1,),
        "style": (None, *(torch.tensor(gram) * 2 for gram in grams)),
    }
    by_hand = 3 * 1.0
    for gram, size, weight in zip(grams, task.sizes, (0.9, 0.6, 0.5, 0.3, 0.2), strict=True):
        total = sum(float(value) ** 2 for row in gram for value in row)
        by_hand += 7 * weight * total / len(gram) ** 2 / size
    outputs = (torch.tensor(content), *(torch.tensor(gram) for gram in grams))
    assert float(task.loss(outputs, None)) == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("base", BASES)
def test_only_the_picture_is_trained(training_of, base, tmp_path):
    training = training_of(a_style_run(base))
    before = {name: one.clone() for name, one in training.model.state_dict().items()}
    run(training, tmp_path)
    changed = {name for name, one in training.model.state_dict().items() if not torch.equal(one, before[name])}
    assert changed == {"picture.pixels"}
    assert [row["total_loss"] for row in training.history] == sorted(
        (row["total_loss"] for row in training.history), reverse=True
    )


def test_a_killed_transfer_ends_with_the_same_bytes(training_of, tmp_path):
    for optimiser in (OptimiserSettings("adam", 0.01), OptimiserSettings("lbfgs", 1.0, {"history_size": 3})):
        settings = replace(a_style_run(steps=4), epochs=3, optimiser=optimiser)
        whole = run(training_of(settings), tmp_path, name=f"{optimiser.name}-whole")
        name = f"{optimiser.name}-killed"
        killed = training_of(settings)
        progress = Progress("test", 3, killed.total_steps, 0, io.StringIO())
        with pytest.raises(InterruptedError):
            killed.run(StoppingCheckpoint(tmp_path / name, ""), progress, checkpoint_seconds=0)
        again = training_of(settings)
        again.restore(CheckpointFile(tmp_path / name, "").load(print))
        assert 0 < again.steps_done < again.total_steps
        run(again, tmp_path, name=name)
        assert torch.equal(again.model.picture.pixels, whole.model.picture.pixels)
        assert again.history == whole.history


def test_lbfgs_needs_fewer_updates(training_of, tmp_path):
    settings = replace(a_style_run(steps=20, beta=1e3), epochs=1)
    adam = run(training_of(settings), tmp_path, name="adam").history[-1]["total_loss"]
    better = run(training_of(replace(settings, optimiser=OptimiserSettings("lbfgs", 0.5))), tmp_path, name="lbfgs")
    assert better.history[-1]["total_loss"] < adam / 2


@pytest.mark.parametrize("start", ["content", "style", "blank", "dots"])
def test_it_starts_where_it_should(training_of, dataset, start):
    task = training_of(a_style_run(start=start)).task
    names = {"content": "house", "style": "waves", "dots": "dots"}
    if start == "blank":
        expected = np.broadcast_to(np.rint(255 * np.array(MEAN)), (SIDE, SIDE, 3))
    else:
        picture = stored_picture(dataset.directory, names[start])
        if start == "content":
            top, left = (picture.shape[0] - SIDE) // 2, (picture.shape[1] - SIDE) // 2
            assert (top, left) == (0, 6), "the middle of a picture that is wider than high"
            expected = picture[top : top + SIDE, left : left + SIDE]
        else:
            expected = np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(task.as_bytes(), expected)
    np.testing.assert_array_equal(task.pictures["start"], expected)


def test_each_seed_takes_its_pair(training_of, dataset):
    first, second = (training_of(a_style_run(seed=seed)).task.pictures for seed in (0, 1))
    assert not np.array_equal(first["content"], second["content"])
    squeezed = Image.fromarray(stored_picture(dataset.directory, "dots")).resize(
        (SIDE, SIDE), Image.Resampling.BILINEAR
    )
    np.testing.assert_array_equal(second["style"], np.asarray(squeezed))


def test_the_distances_are_0_at_the_picture_itself_and_1_at_the_other(training_of):
    at_content, at_style = (
        training_of(a_style_run(start=start)).task.evaluate().metrics for start in ("content", "style")
    )
    assert at_content["content_distance"][0] == 0
    assert at_content["style_distance"][0] == pytest.approx(1, abs=1e-5)
    assert at_style["style_distance"][0] == 0
    assert at_style["content_distance"][0] == pytest.approx(1, abs=1e-5)


def test_what_is_kept_is_the_picture_and_what_it_was_made_from(training_of, tmp_path):
    training = run(training_of(a_style_run()), tmp_path)
    found = training.task.evaluate()
    assert set(found.arrays) == {"picture", "content", "style", "start", "style_distances"}
    pictures = [array for name, array in found.arrays.items() if name != "style_distances"]
    assert all(array.shape == (SIDE, SIDE, 3) and array.dtype == np.uint8 for array in pictures)
    assert found.metrics["style_distance"] == (found.arrays["style_distances"].mean(), 1)
    assert found.arrays["style_distances"].shape == (5,)
    last = training.history[-1]
    for name in ("total_loss", "content_loss", "style_loss"):
        assert found.metrics[name] == (last[name], 1)
    assert set(found.metrics) == set(module.METRICS)


@given(tall=st.integers(32, 90), wide=st.integers(32, 90), height=st.integers(32, 70), width=st.integers(32, 70))
def test_the_central_part_has_the_shape_and_the_middle(tall, wide, height, width):
    rows, columns = np.mgrid[0:tall, 0:wide]
    picture = np.stack([rows, columns, rows * 0], 2).astype(np.uint8)
    found = module.central(picture, height, width).astype(float)
    assert found.shape == (height, width, 3)
    # The middle stays the middle, and both directions have one scale.
    assert found[..., 0].mean() == pytest.approx((tall - 1) / 2, abs=1.0)
    assert found[..., 1].mean() == pytest.approx((wide - 1) / 2, abs=1.0)
    scale = min(tall / height, wide / width)
    assert np.ptp(found[..., 0]) == pytest.approx(scale * (height - 1), abs=scale + 1.5)
    assert np.ptp(found[..., 1]) == pytest.approx(scale * (width - 1), abs=scale + 1.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pairs": (("house", "wave"),)}, "unknown picture 'wave'"),
        ({"pairs": (("house",),)}, "expected names of a content and a style"),
        ({"start": "blonk"}, "unknown start 'blonk'"),
        ({"weights": (1, 2, 3)}, "found 3, expected one for each of 5 layers"),
        ({"seed": 2}, "seed 2 takes pair 2 of task.pairs, which has 2"),
    ],
)
def test_mistakes_in_the_configuration_are_named(training_of, changes, message):
    with pytest.raises(ConfigError, match=message):
        training_of(a_style_run(**changes))


def test_another_model_is_refused(dataset):
    settings = replace(a_style_run(), model=ModelSettings("notes-cnn"), initial=None)
    with pytest.raises(ConfigError, match="model notes-cnn is no picture; expected style-picture"):
        Training(settings, dataset, CPU)


def test_a_changed_file_of_pictures_is_refused(tmp_path):
    directory = write_tiny_pictures(tmp_path)
    with pytest.raises(DataError, match="no picture 'horse'; there are house, tree, waves, dots"):
        stored_picture(directory, "horse")
    content = bytearray((directory / "pictures.npz").read_bytes())
    content[200] ^= 1
    (directory / "pictures.npz").write_bytes(content)
    with pytest.raises(DataError, match="changed after it was made"):
        stored_picture(directory, "house")
