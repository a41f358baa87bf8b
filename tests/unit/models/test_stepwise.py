"""A linear map applied step by step: outputs and gradients are those of automatic differentiation."""

import gc
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.models.stepwise import StepwiseLinear


def draw(seed, *shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def recurrence(apply, start, inputs, used):
    """Return the sum over the used states of a small recurrent network whose state goes through ``apply``."""
    state, total = start, start.new_zeros(())
    for number, step in enumerate(inputs):
        state = torch.tanh(apply(state) + step)
        if number in used:
            total = total + (state * (1 + number)).square().sum()
    return total


@settings(max_examples=30)
@given(
    batch=st.integers(1, 4),
    size=st.integers(1, 5),
    steps=st.integers(0, 6),
    seed=st.integers(0, 99),
    used=st.sets(st.integers(0, 5)),
)
def test_gradients_are_those_of_autograd(batch, size, steps, seed, used):
    """Also where steps are not used: their outputs get no gradient, and they must leave none."""
    weight, start = draw(seed, size, size), draw(seed + 100, batch, size)
    inputs = draw(seed + 200, steps, batch, size)
    found = []
    for make in (StepwiseLinear, lambda given: lambda state: state @ given.t()):
        leaves = [tensor.clone().requires_grad_() for tensor in (weight, start, inputs)]
        total = recurrence(make(leaves[0]), leaves[1], leaves[2], used)
        gradients = torch.autograd.grad(total, leaves, allow_unused=True) if total.requires_grad else (None,) * 3
        found.append((total.detach(), *gradients))
    for mine, theirs in zip(*found, strict=True):
        if theirs is None or mine is None:
            # Autograd gives zeros or None for what nothing depends on.
            assert all(one is None or not one.any() for one in (mine, theirs))
        else:
            torch.testing.assert_close(mine, theirs)


def test_maps_between_sizes_and_inputs_without_gradients():
    weight = draw(1, 3, 5).requires_grad_()
    one, other = draw(2, 4, 5), draw(3, 4, 5).requires_grad_()
    apply = StepwiseLinear(weight)
    (apply(one).square().sum() + apply(other).sin().sum()).backward()
    mine = weight.grad, other.grad
    weight.grad = other.grad = None
    ((one @ weight.t()).square().sum() + (other @ weight.t()).sin().sum()).backward()
    torch.testing.assert_close(mine, (weight.grad, other.grad))


def test_a_second_forward_before_the_first_backward_keeps_them_apart():
    weight = draw(1, 3, 3).requires_grad_()
    start, inputs = draw(2, 2, 3), draw(3, 4, 2, 3)
    first = recurrence(StepwiseLinear(weight), start, inputs, {0, 3})
    second = recurrence(StepwiseLinear(weight), start, 2 * inputs, {1, 2})
    mine = [torch.autograd.grad(total, weight)[0] for total in (second, first)]
    for gradient, factor, used in zip(mine, (2, 1), ({1, 2}, {0, 3}), strict=True):
        expected = recurrence(lambda state: state @ weight.t(), start, factor * inputs, used)
        torch.testing.assert_close(gradient, torch.autograd.grad(expected, weight)[0])


def test_two_maps_of_one_weight_and_gradients_that_are_added_up():
    weight = draw(1, 3, 3).requires_grad_()
    one, other = StepwiseLinear(weight), StepwiseLinear(weight)
    given = draw(2, 2, 3)
    for _ in range(2):
        (one(given).sum() * other(given).square().sum()).backward()
    mine, weight.grad = weight.grad, None
    (2 * (given @ weight.t()).sum() * (given @ weight.t()).square().sum()).backward()
    torch.testing.assert_close(mine, weight.grad)


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_without_gradients_it_is_the_product_and_keeps_nothing(off):
    weight = draw(1, 3, 5).requires_grad_()
    with off():
        given = draw(2, 4, 5)
        apply = StepwiseLinear(weight)
        outputs = apply(given)
        torch.testing.assert_close(outputs, given @ weight.t())
        assert not outputs.requires_grad


def test_a_frozen_weight_lets_the_gradient_through():
    weight, given = draw(1, 3, 3), draw(2, 2, 3).requires_grad_()
    recurrence(StepwiseLinear(weight), given, draw(3, 2, 2, 3), {1}).backward()
    mine, given.grad = given.grad, None
    recurrence(lambda state: state @ weight.t(), given, draw(3, 2, 2, 3), {1}).backward()
    torch.testing.assert_close(mine, given.grad)


def test_nothing_of_a_step_outlives_its_backward():
    weight = draw(1, 3, 3).requires_grad_()
    state = draw(2, 2, 3).requires_grad_()
    outputs = StepwiseLinear(weight)(state * 1)
    graph = weakref.ref(outputs.grad_fn)
    outputs.sum().backward()
    del outputs
    gc.collect()
    assert graph() is None
