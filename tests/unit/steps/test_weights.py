"""Pretrained weights: their files are read safely and become what trainings start with."""

import json
import pickle
import re
import zipfile

import numpy as np
import pytest
import torch
from rework.cli import main
from rework.errors import DataError
from rework.files import sha256_file
from rework.formats import torch_weights
from rework.formats.torch_weights import read_weights
from rework.models import squeezenet
from rework.settings.data import AssetSettings, DatasetSettings
from rework.settings.run import InitialSettings
from rework.training.initial import load_initial
from safetensors.torch import load_file
from torchvision.models import squeezenet1_1


def official_file(path):
    """Write random weights in the format of torchvision's file, with the head of 1000 classes."""
    torch.manual_seed(3)
    state = squeezenet1_1(weights=None).state_dict()
    torch.save(state, path)
    return state


def test_both_formats_give_the_tensors(tmp_path):
    state = official_file(tmp_path / "w.pth")
    found = read_weights(tmp_path / "w.pth")
    assert set(found) == set(state)
    assert all(torch.equal(found[name], state[name]) for name in state)
    np.savez(tmp_path / "w.npz", **{name: tensor.numpy() for name, tensor in state.items()})
    again = read_weights(tmp_path / "w.npz")
    assert all(torch.equal(again[name], state[name]) for name in state)


class Malicious:
    def __reduce__(self):
        return (open, ("never-written", "w"))


@pytest.mark.parametrize("suffix", [".pth", ".npz"])
def test_a_file_that_would_run_code_is_refused(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    if suffix == ".pth":
        torch.save({"weight": Malicious()}, path)
    else:
        np.savez(path, weight=np.array([Malicious()], dtype=object))
    with pytest.raises(DataError, match=re.escape(path.name)):
        read_weights(path)


@pytest.mark.parametrize(
    ("name", "content"), [("w.pth", b"garbage"), ("w.npz", b"garbage"), ("w.pth", pickle.dumps([1, 2]))]
)
def test_other_files_are_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        read_weights(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "holds no weights"),
        ({"count": torch.tensor([1])}, "no tensor of floating-point numbers"),
        ({"w": torch.tensor([float("nan")])}, "no finite numbers"),
        ([torch.zeros(2)], "holds list"),
    ],
)
def test_what_is_in_the_file_is_checked(tmp_path, content, message):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(DataError, match=message):
        read_weights(tmp_path / "w.pth")


@pytest.mark.parametrize("suffix", [".pth", ".npz"])
def test_a_small_file_that_unpacks_to_much_is_refused_before_it_is_read(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(torch_weights, "LARGEST", 100_000)
    for reader, name in ((torch, "load"), (np, "load")):
        monkeypatch.setattr(reader, name, lambda *_, **__: pytest.fail("it was read"))
    path = tmp_path / f"w{suffix}"
    name = "w/data/0" if suffix == ".pth" else "w.npy"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(100_001))
    assert path.stat().st_size < 1000
    with pytest.raises(DataError, match="unpacks to 100,001 bytes, expected at most 100,000"):
        read_weights(path)


def test_a_damaged_archive_is_named(tmp_path):
    np.savez_compressed(tmp_path / "w.npz", weight=np.arange(1000.0))
    content = bytearray((tmp_path / "w.npz").read_bytes())
    content[content.index(b"PK\1\2")] ^= 1
    (tmp_path / "w.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"w\.npz: not a whole archive"):
        read_weights(tmp_path / "w.npz")


def test_the_step_converts_the_official_file_and_records_it(tmp_path, capsys):
    state = official_file(tmp_path / "w.pth")
    asset = AssetSettings("squeezenet-1-1", "w.pth", (), sha256_file(tmp_path / "w.pth"), None, "-", "-")
    settings = DatasetSettings("squeezenet-1-1", False, (asset,))
    words = [
        "weights",
        "--settings",
        settings.to_json(),
        "--results",
        str(tmp_path / "full"),
        "--data-dir",
        str(tmp_path),
    ]
    assert main(words) == 0
    weights = tmp_path / "full/weights/squeezenet-1-1.safetensors"
    assert torch.equal(load_file(weights)["features.0.weight"], state["features.0.weight"])
    record = json.loads(weights.with_suffix(".json").read_text())
    assert record["provenance"]["outputs"] == {weights.name: sha256_file(weights)}
    assert record["assets"][0]["sha256"] == asset.sha256
    model = squeezenet.build(classes=17, size=64)
    load_initial(model, InitialSettings("squeezenet-1-1", "features", frozen=True), weights)
    assert torch.equal(model.features[0].weight, state["features.0.weight"])
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 17)
    (tmp_path / "w.pth").write_bytes(b"changed")
    assert main(words) == 2
    assert "w.pth" in capsys.readouterr().err


def test_the_sample_weights_say_that_they_are_random(tmp_path):
    settings = DatasetSettings("squeezenet-1-1", True, (), global_seed=5)
    words = ["weights", "--settings", settings.to_json(), "--results"]
    for name in ("a", "b"):
        assert main([*words, str(tmp_path / name)]) == 0
    first, second = (tmp_path / name / "weights/squeezenet-1-1.safetensors" for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    record = json.loads(first.with_suffix(".json").read_text())
    assert record["sample"] is True
    assert "drawn at random" in record["notes"][0]
    assert set(load_file(first)) == {f"features.{name}" for name in squeezenet1_1().features.state_dict()}
