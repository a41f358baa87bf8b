"""What ``--device`` and ``--gpu-slots`` mean: a place is held while a GPU computes, and no longer."""

import argparse
import os

import pytest
import torch
from rework import gpu_slots
from rework.errors import ConfigError
from rework.gpu_slots import gpu_slot
from rework.steps.device_arguments import add_device_arguments, chosen_device


@pytest.fixture
def one_gpu(tmp_path, monkeypatch):
    """A machine with the device file of one GPU, which torch cannot use yet."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(gpu_slots, "visible_gpus", lambda: ("0",))
    monkeypatch.setattr(gpu_slots, "_own_folder", lambda: tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def usable_gpu(request, monkeypatch):
    """The same, and torch can."""
    request.getfixturevalue("one_gpu")

    def is_available():
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0", "it is read once, so the place must be held before"
        return True

    monkeypatch.setattr(torch.cuda, "is_available", is_available)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Model T ({device})")


def arguments(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_device_arguments(parser)
    return parser.parse_args(words)


def is_free():
    """Return whether another job gets a place at once."""

    def give_up(text):
        raise TimeoutError(text)

    try:
        with gpu_slot(1, give_up):
            return True
    except TimeoutError:
        return False


@pytest.mark.usefixtures("usable_gpu")
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_gpu_is_held_while_it_computes_and_named(capsys, device):
    with chosen_device(arguments("--device", device, "--gpu-slots", "1")) as chosen:
        assert chosen.type == "cuda"
        assert not is_free()
    assert is_free()
    assert "computes on Model T (cuda), CUDA_VISIBLE_DEVICES 0" in capsys.readouterr().err


@pytest.mark.usefixtures("usable_gpu")
def test_without_slots_no_place_is_taken(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with chosen_device(arguments()) as chosen:
        assert chosen.type == "cuda"
        assert is_free()
        assert "CUDA_VISIBLE_DEVICES" not in os.environ


@pytest.mark.usefixtures("usable_gpu")
def test_the_processor_needs_no_place():
    with chosen_device(arguments("--device", "cpu", "--gpu-slots", "1")) as chosen:
        assert chosen.type == "cpu"
        assert is_free()


@pytest.mark.usefixtures("one_gpu")
def test_a_gpu_that_torch_cannot_use_is_left_to_others():
    with chosen_device(arguments("--gpu-slots", "1")) as chosen:
        assert chosen.type == "cpu"
        assert is_free()


@pytest.mark.usefixtures("one_gpu")
def test_a_gpu_that_was_asked_for_but_cannot_be_used_is_an_error():
    with pytest.raises(ConfigError, match="sees no GPU"), chosen_device(arguments("--device", "cuda")):
        pass


@pytest.mark.parametrize("words", [("--gpu-slots", "-1"), ("--gpu-slots", "two"), ("--device", "tpu")])
def test_what_means_nothing_is_refused(words):
    with pytest.raises(argparse.ArgumentError):
        arguments(*words)
