"""Conversions by TorchScript and torch.export, against the original modules."""

import pytest
import torch
from rework.deployment import conversions
from rework.deployment.control_flow import MyModule, MyModuleCond, SameShape, SameShapeCond
from rework.deployment.conversions import (
    FARTHEST,
    convert,
    greatest_difference,
    in_words,
    torchscript_missing,
    words_of,
)
from torch import nn

ABOVE = torch.arange(1.0, 5)
TRACED_AND_SCRIPTED = ["traced", "traced and saved", "scripted"]


def module(kind=MyModule):
    torch.manual_seed(1)
    return kind(3, 4).requires_grad_(False)


def listed(weight, given):
    """The notes' module, computed number by number."""
    rows = [[float(number) for number in row] for row in weight]
    given = [float(number) for number in given]
    if sum(given) > 0:
        return [sum(a * b for a, b in zip(row, given, strict=True)) for row in rows]
    return [[a + b for a, b in zip(row, given, strict=True)] for row in rows]


@pytest.mark.parametrize("given", [ABOVE, -ABOVE], ids=["above", "below"])
def test_the_modules_are_the_notes_listing(given):
    expected = torch.tensor(listed(module().weight, given))
    torch.testing.assert_close(module()(given), expected)
    if given.sum() < 0:
        expected = expected.sum(1)
    torch.testing.assert_close(module(SameShape)(given), expected)
    torch.testing.assert_close(module(SameShapeCond)(given), expected)


@pytest.mark.parametrize("way", [*TRACED_AND_SCRIPTED, pytest.param("exported", marks=pytest.mark.slow)])
def test_a_network_is_the_same_in_every_way(way):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(48, 5)).eval()
    inputs = torch.rand(7, 1, 6, 6)
    done = convert(way, network, inputs)
    assert done.said == ""
    with torch.no_grad():
        assert greatest_difference(done.module(inputs), network(inputs)) <= 1e-6


@pytest.mark.parametrize("example", [ABOVE, -ABOVE], ids=["above", "below"])
def test_tracing_keeps_the_way_of_its_example_and_scripting_keeps_both(example):
    original = module(SameShape)
    trace, script = convert("traced", original, example), convert("scripted", original, example)
    for given in (ABOVE, -ABOVE):
        torch.testing.assert_close(script.module(given), original(given))
        right = torch.allclose(trace.module(given), original(given))
        assert right == (given is example or torch.equal(given, example))
    assert trace.said.startswith("TracerWarning: ")
    assert "deprecated" not in trace.said
    assert script.said == ""


def test_a_trace_of_the_notes_module_has_the_wrong_shape():
    done = convert("traced", module(), ABOVE)
    assert done.module(-ABOVE).shape == (3,)
    assert module()(-ABOVE).shape == (3, 4)


@pytest.mark.slow
def test_export_refuses_a_choice_by_value_and_takes_cond_with_results_of_one_shape():
    assert convert("exported", module(), ABOVE).module is None
    assert "data-dependent" in convert("exported", module(), ABOVE).said
    assert convert("exported", module(MyModuleCond), ABOVE).module is None
    done = convert("exported", module(SameShapeCond), ABOVE)
    for given in (ABOVE, -ABOVE):
        torch.testing.assert_close(done.module(given), module(SameShape)(given))


def test_no_message_of_torch_is_typed_into_the_library():
    for part in ("Could not guard", "Converting a tensor", "is deprecated. Please", "no attribute or method"):
        for path in conversions.Path(conversions.__file__).parents[1].rglob("*.py"):
            assert part not in path.read_text(encoding="utf-8"), path


def test_this_torch_has_torchscript_or_says_why_not():
    assert (torchscript_missing() == "") == hasattr(torch.jit, "trace")


@pytest.mark.parametrize("lacking", ["script", "trace"])
def test_a_torch_without_it_says_so(monkeypatch, lacking):
    monkeypatch.delattr(torch.jit, lacking)
    assert torchscript_missing().startswith(f"The installed PyTorch {torch.__version__.partition('+')[0]} has no")
    assert torchscript_missing().endswith(".")


def test_a_torch_that_refuses_it_says_what_it_said(monkeypatch):
    def refuse(*_):
        raise RuntimeError("torch.jit.script is not supported in Python 3.99+\nmore")

    monkeypatch.setattr(torch.jit, "script", refuse)
    assert "RuntimeError: torch.jit.script is not supported in Python 3.99+)" in torchscript_missing()


def test_words_that_differ_from_run_to_run_are_dots():
    words = "\n'Conv ___torch_mangle_37.C (at: 0x56290489e3e0)' has 0 of 3\n  Explanation: why\nrest"
    assert (
        words_of(RuntimeError(words))
        == "RuntimeError: 'Conv ___torch_mangle_….C (at: 0x…)' has 0 of 3 Explanation: why"
    )
    assert words_of(ValueError()) == "ValueError: "


def test_differences_are_relative_above_one():
    found, expected = torch.tensor([0.5, 101.0]), torch.tensor([0.25, 100.0])
    assert greatest_difference(found, expected) == 0.25
    assert greatest_difference(found[1:], expected[1:]) == pytest.approx(0.01)


def test_the_greatest_difference_is_relative_above_one():
    expected = torch.tensor([0.5, 10.0])
    assert greatest_difference(torch.tensor([0.5, 10.0]), expected) == 0
    assert greatest_difference(torch.tensor([0.75, 10.0]), expected) == 0.25
    assert greatest_difference(torch.tensor([0.5, 15.0]), expected) == 0.5


@pytest.mark.parametrize("found", [[0.0, float("nan")], [float("inf"), 0.0], [0.0], [[0.0, 0.0]]])
def test_what_cannot_be_compared_is_as_far_as_can_be(found):
    difference = greatest_difference(torch.tensor(found), torch.zeros(2))
    assert difference == FARTHEST
    assert in_words(difference).startswith("wrong")
