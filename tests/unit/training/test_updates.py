"""Updates by the kernel alone: the bytes that torch's own optimisers leave, and their state too."""

import copy

import pytest
import torch
from rework.settings.run import OptimiserSettings
from rework.training.optimisers import build_optimiser
from rework.training.updates import Updates
from torch import nn

CPU = torch.device("cpu")
ADAM = OptimiserSettings("adam", 0.01)
MOMENTUM = OptimiserSettings("sgd", 0.1, {"momentum": 0.9})


def groups(model):
    return [{"params": [model[0].weight, model[2].weight], "weight_decay": 0.01}, {"params": [model[0].bias]}]


def networks():
    """Return a network and its copy; the last bias is in no optimiser."""
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3))
    return model, copy.deepcopy(model)


def backward(model, step):
    generator = torch.Generator().manual_seed(step)
    model(torch.randn(4, 7, generator=generator)).square().mean().backward()


@pytest.mark.parametrize(
    ("settings", "own_steps"),
    [
        (ADAM, 1),
        (OptimiserSettings("adam", 0.01, {"amsgrad": True, "betas": (0.8, 0.95), "eps": 1e-3}), 1),
        (MOMENTUM, 1),
        (OptimiserSettings("sgd", 0.1, {"momentum": 0.8, "nesterov": True}), 1),
        (OptimiserSettings("sgd", 0.1, {"momentum": 0.8, "dampening": 0.3}), 1),
        (OptimiserSettings("sgd", 0.1), 6),  # not fused: torch does it
    ],
)
def test_the_kernel_alone_leaves_the_bytes_of_the_optimiser(settings, own_steps, monkeypatch):
    model, reference = networks()
    optimiser, own = (build_optimiser(groups(one), settings, CPU) for one in (model, reference))
    calls = count_steps(optimiser, monkeypatch)
    update = Updates(optimiser)
    for step in range(6):
        for one in (optimiser, own):  # a schedule sets the rate of each step
            one.param_groups[0]["lr"] = settings.learning_rate / (1 + step)
        backward(model, step)
        update()
        assert all(parameter.grad is None for group in optimiser.param_groups for parameter in group["params"])
        backward(reference, step)
        own.step()
        own.zero_grad()
    assert len(calls) == own_steps
    same(model.state_dict(), reference.state_dict())
    for mine, theirs in zip(optimiser.state.values(), own.state.values(), strict=True):
        same(mine, theirs)


@pytest.mark.parametrize("settings", [ADAM, MOMENTUM])
def test_a_parameter_without_gradient_stays_and_is_updated_once_it_has_one(settings):
    model, reference = networks()
    optimiser, own = (build_optimiser(groups(one), settings, CPU) for one in (model, reference))
    update = Updates(optimiser)
    for step in range(9):
        for one in (model, reference):
            backward(one, step)
            if step in (0, 4, 5):
                one[0].bias.grad = None
        update()
        own.step()
        own.zero_grad()
        same(model.state_dict(), reference.state_dict())


def count_steps(optimiser, monkeypatch):
    calls, step = [], optimiser.step
    monkeypatch.setattr(optimiser, "step", lambda: (calls.append(None), step()))
    return calls


def same(mine, theirs):
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
