"""Pretrained weights, schedules of the learning rate, and moved images."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.models import fashion_cnn
from rework.settings.run import AugmentSettings, InitialSettings, L2Settings, OptimiserSettings
from rework.training.augmentation import draw_changes, draw_maps, move
from rework.training.checkpoint import CheckpointFile
from rework.training.initial import load_initial
from rework.training.loop import Training
from rework.training.optimisers import scheduled_rate
from rework.training.progress import Progress
from rework.training.regularisation import parameter_groups
from safetensors.torch import save_file
from scipy.ndimage import map_coordinates
from tiny_runs import a_run, write_tiny_dataset
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as transforms

CPU = torch.device("cpu")


def disc(size=33):
    """A smooth blob off the centre, with a dark surrounding: nothing of it reaches the edge."""
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    blob = torch.exp(-((rows - 13.0) ** 2 / 20 + (columns - 18.0) ** 2 / 8))
    return (255 * blob).round().to(torch.uint8)[None, None]


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_schedules_are_torchs(schedule):
    steps = 20
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    theirs = (
        torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, total_iters=steps)
        if schedule == "linear"
        else torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    )
    settings = OptimiserSettings("sgd", 0.3, schedule=schedule)
    for step in range(steps):
        assert scheduled_rate(settings, step, steps) == pytest.approx(optimiser.param_groups[0]["lr"], abs=1e-12)
        optimiser.step()
        theirs.step()
    assert scheduled_rate(OptimiserSettings("sgd", 0.3), 7, steps) == 0.3


def test_a_training_follows_its_schedule(tmp_path):
    dataset = open_dataset(write_tiny_dataset(tmp_path))
    settings = a_run(optimiser=OptimiserSettings("sgd", 0.26, schedule="linear"))
    training = Training(settings, dataset, CPU)
    progress = Progress("test", settings.epochs, training.total_steps, 0, io.StringIO())
    training.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    # 13 steps an epoch: the last step of the first has 14 of 26 parts left, that of the second one.
    assert [result["learning_rate"] for result in training.history] == pytest.approx([0.26 * 14 / 26, 0.26 / 26])


@pytest.mark.parametrize(
    ("settings", "angle", "shear", "shift"),
    [
        (AugmentSettings(rotate=25), 25, 0, 0),
        (AugmentSettings(shear=20), 0, 20, 0),
        (AugmentSettings(shift=4 / 33), 0, 0, 4),
    ],
)
def test_the_largest_moves_are_torchvisions(monkeypatch, settings, angle, shear, shift):
    # Draws of 1 are the largest changes; the picture shows the point that the map names, so it moves the other way.
    monkeypatch.setattr(torch, "rand", lambda *size, **_: torch.ones(*size, dtype=torch.float64))
    moved = move(disc(), draw_maps(settings, 1, torch.Generator()))
    expected = transforms.affine(
        disc(),
        angle=-angle,
        translate=[-shift, -shift],
        scale=1.0,
        shear=[shear, 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    difference = (moved.int() - expected.int()).abs().max()
    assert difference <= 2
    assert (moved.int() - disc().int()).abs().max() > 50, "the test would see an unmoved picture"


@pytest.mark.parametrize("size", [(64, 32), (24, 60), (33, 33)])
@pytest.mark.parametrize(("rotate", "shear"), [(25, 0), (0, 20), (25, 20)])
def test_angles_are_angles_on_pictures_of_any_shape(monkeypatch, size, rotate, shear):
    """Against scipy, which counts in pixels."""
    monkeypatch.setattr(torch, "rand", lambda *size, **_: torch.ones(*size, dtype=torch.float64))
    height, width = size
    picture = np.random.default_rng(0).integers(0, 256, (height // 4, width // 4)).repeat(4, 0).repeat(4, 1)
    angle, slant = np.deg2rad(rotate), np.tan(np.deg2rad(shear))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ [[1, slant], [0, 1]]
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]]
    middle = (np.array(picture.shape)[::-1] - 1) / 2  # x, y
    points = turn @ (np.stack([across.ravel(), down.ravel()]) - middle[:, None]) + middle[:, None]
    limits = np.array(picture.shape)[::-1, None] - 1
    x, y = np.clip(points, 0, limits)
    expected = map_coordinates(picture.astype(float), [y, x], order=1).reshape(picture.shape)
    images = torch.from_numpy(picture.astype(np.uint8))[None, None]
    moved = move(images, draw_maps(AugmentSettings(rotate=rotate, shear=shear), 1, torch.Generator()))
    assert np.abs(moved[0, 0].numpy() - expected).max() < 1.5
    assert np.abs(picture - expected).max() > 50, "the test would see an unmoved picture"


def test_zoom_changes_width_and_height_by_themselves():
    maps = draw_maps(AugmentSettings(zoom=0.2), 2000, torch.Generator().manual_seed(0))
    across, down = maps[:, 0, 0], maps[:, 1, 1]
    assert torch.stack([across.min(), down.min()]) == pytest.approx([0.8, 0.8], abs=0.002)
    assert torch.stack([across.max(), down.max()]) == pytest.approx([1.2, 1.2], abs=0.002)
    assert abs(float(torch.corrcoef(torch.stack([across, down]))[0, 1])) < 0.1
    assert not maps[:, [0, 1], [1, 0]].any()


def test_moves_depend_on_the_seed_alone_and_join_the_other_changes():
    settings = AugmentSettings(flip=0.5, rotate=10, shift=0.1)
    images = torch.randint(0, 256, (40, 3, 12, 12), dtype=torch.uint8)
    whole, again, other = (draw_changes(settings, 40, seed, CPU) for seed in (1, 1, 2))
    assert torch.equal(whole.apply(images, 0)[16:24], again.apply(images[16:24], 16))
    assert not torch.equal(whole.apply(images, 0), other.apply(images, 0))


def write_weights(path, seed=5):
    torch.manual_seed(seed)
    model = fashion_cnn.build()
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, path)
    return model


def test_initial_weights_fill_one_part_and_freeze_it(tmp_path):
    donor = write_weights(tmp_path / "w.safetensors")
    part = next(name for name, child in donor.named_children() if list(child.parameters()))
    torch.manual_seed(1)
    model = fashion_cnn.build()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    load_initial(model, InitialSettings("w", part, frozen=True), tmp_path / "w.safetensors")
    for name, tensor in model.state_dict().items():
        expected = donor.state_dict() if name.startswith(f"{part}.") else before
        assert torch.equal(tensor, expected[name]), name
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    assert frozen == {name for name in before if name.startswith(f"{part}.")}
    grouped = [parameter for group in parameter_groups(model, L2Settings(0.1)) for parameter in group["params"]]
    assert len(grouped) == len(before) - len(frozen)


def test_frozen_weights_stay_and_the_others_learn(tmp_path):
    donor = write_weights(tmp_path / "w.safetensors")
    part = next(name for name, child in donor.named_children() if list(child.parameters()))
    dataset = open_dataset(write_tiny_dataset(tmp_path))
    settings = replace(a_run(epochs=1), initial=InitialSettings("w", part, frozen=True))
    training = Training(settings, dataset, CPU, tmp_path / "w.safetensors")
    before = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    progress = Progress("test", 1, training.total_steps, 0, io.StringIO())
    training.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    for name, tensor in training.model.state_dict().items():
        assert torch.equal(tensor, before[name]) == name.startswith(f"{part}."), name


def test_wrong_initial_weights_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "w.safetensors"
    write_weights(path)
    with pytest.raises(ConfigError, match="no submodule 'fetures' with parameters; expected"):
        load_initial(fashion_cnn.build(), InitialSettings("w", "fetures"), path)
    save_file({"other.weight": torch.zeros(2)}, path)
    part = next(name for name, child in fashion_cnn.build().named_children() if list(child.parameters()))
    with pytest.raises(DataError, match="not weights of"):
        load_initial(fashion_cnn.build(), InitialSettings("w", part), path)
    path.write_bytes(b"no safetensors")
    with pytest.raises(DataError, match="not weights of"):
        load_initial(fashion_cnn.build(), InitialSettings("w", part), path)
