"""Updates by the kernel alone: the bytes that torch's own optimisers leave, and their state too."""

import copy

import pytest
import torch
from rework.settings.run import ClipSettings, OptimiserSettings
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
    update = Updates(optimiser, ClipSettings())
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
    update = Updates(optimiser, ClipSettings())
    for step in range(9):
        for one in (model, reference):
            backward(one, step)
            if step in (0, 4, 5):
                one[0].bias.grad = None
        update()
        own.step()
        own.zero_grad()
        same(model.state_dict(), reference.state_dict())


@pytest.mark.parametrize("settings", [ADAM, MOMENTUM, OptimiserSettings("sgd", 0.1)])
@pytest.mark.parametrize(
    ("clip", "limit"),
    [
        (ClipSettings(value=0.01), lambda given: nn.utils.clip_grad_value_(given, 0.01)),
        (ClipSettings(norm=0.05), lambda given: nn.utils.clip_grad_norm_(given, 0.05)),
        (ClipSettings(value=1e9), lambda _: None),
        (ClipSettings(norm=1e9), lambda _: None),
    ],
)
def test_gradients_are_limited_as_torch_limits_them_before_every_update(settings, clip, limit):
    """Also where a parameter has no gradient; a limit that is never reached changes nothing."""
    model, reference = networks()
    optimiser, own = (build_optimiser(groups(one), settings, CPU) for one in (model, reference))
    update = Updates(optimiser, clip)
    of_optimiser = [parameter for group in own.param_groups for parameter in group["params"]]
    reached = False
    for step in range(6):
        for one in (model, reference):
            backward(one, step)
            if step == 3:
                one[0].bias.grad = None
        before = [parameter.grad.clone() for parameter in of_optimiser if parameter.grad is not None]
        limit(of_optimiser)
        after = [parameter.grad for parameter in of_optimiser if parameter.grad is not None]
        reached |= any(not torch.equal(*pair) for pair in zip(before, after, strict=True))
        update()
        own.step()
        own.zero_grad()
        same(model.state_dict(), reference.state_dict())
    assert reached is (1e9 not in (clip.value, clip.norm))


def count_steps(optimiser, monkeypatch):
    calls, step = [], optimiser.step
    monkeypatch.setattr(optimiser, "step", lambda: (calls.append(None), step()))
    return calls


def same(mine, theirs):
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_lbfgs_makes_one_update_of_each_gradient_as_torchs_own_with_one_iteration():
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(6, 6, generator=generator)
    start = torch.randn(6, generator=generator)
    ours, theirs = (nn.Parameter(start.clone()) for _ in range(2))
    update = Updates(build_optimiser([ours], OptimiserSettings("lbfgs", 0.8, {"history_size": 4}), CPU), ClipSettings())
    reference = torch.optim.LBFGS([theirs], 0.8, max_iter=1, tolerance_grad=0, tolerance_change=0, history_size=4)
    calls = []

    def loss(parameter):
        calls.append(parameter is ours)
        return (matrix @ parameter).square().sum()

    def closure():
        reference.zero_grad()
        value = loss(theirs)
        value.backward()
        return value

    for _ in range(12):
        loss(ours).backward()
        update()
        reference.step(closure)
        assert torch.equal(ours, theirs)
    assert sum(calls) == 12, "no loss but those of the training is computed"
    assert float((matrix @ ours.detach()).square().sum()) < 0.05 * float((matrix @ start).square().sum())
