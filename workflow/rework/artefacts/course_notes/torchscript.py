"""Traced, scripted and exported networks beside the originals, and a choice that tracing loses (section 7.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.trained_runs import TrainedNetwork, trained_networks
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.deployment.control_flow import MyModule, MyModuleCond, SameShape, SameShapeCond
from rework.deployment.conversions import (
    FARTHEST,
    WAYS,
    Way,
    convert,
    greatest_difference,
    in_words,
    torch_version,
    torchscript_missing,
)
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Units

Choice = tuple[str, type[MyModule], type[MyModule], Way, str]
LABELS = {"max_difference": "greatest difference", "exported": "of exported networks"}
"""Of the values measured, by their keys."""
REFUSED = "refused"
ROUNDING = 1e-6
"""The greatest difference that rounding errors in single precision explain."""
ABOVE, BELOW = "sum above 0", "sum below 0"
CHOICES: tuple[Choice, ...] = (
    ("MyModule", MyModule, MyModule, "traced", ABOVE),
    ("MyModule", MyModule, MyModule, "traced", BELOW),
    ("MyModule", MyModule, MyModule, "scripted", ABOVE),
    ("MyModule", MyModule, MyModule, "exported", ABOVE),
    ("MyModule with cond", MyModuleCond, MyModule, "exported", ABOVE),
    ("SameShape", SameShape, SameShape, "traced", ABOVE),
    ("SameShape", SameShape, SameShape, "scripted", ABOVE),
    ("SameShape", SameShape, SameShape, "exported", ABOVE),
    ("SameShape with cond", SameShapeCond, SameShape, "exported", ABOVE),
)
"""Name, module to convert, module whose results are right, conversion, and what it is converted with."""


@dataclass(frozen=True)
class Row:
    """One comparison of a converted module with the original.

    Attributes:
        module: what was converted.
        seed: of its training; None for a module that is not trained.
        conversion: how.
        given: what both were then given.
        difference: the greatest one, relative to the number where that is above 1, and ``FARTHEST`` for another shape;
            None if it was refused or not run.
        outcome: what came out, in words.
        said: what PyTorch said during the conversion.
        deprecated: what it said about the conversion being deprecated.
    """

    module: str
    seed: int | None
    conversion: str
    given: str
    difference: float | None
    outcome: str
    said: str = ""
    deprecated: str = ""


@measures(max_difference=("max_difference", "exported"))
@needs(runs=(1, ...), trained="classification", layout="examples")
def torchscript(context: ArtefactContext, *, pictures: Count, sizes: tuple[Units, Units]) -> Built:
    """Convert the networks of the artefact's runs and the notes' module, and compare each with its original.

    Args:
        context: the artefact.
        pictures: how many test pictures each network is given.
        sizes: N and M of the notes' module.
    """
    missing = torchscript_missing()
    rows = [row for network in trained_networks(context, pictures) for row in _of_network(network, missing)]
    greatest = {key: _greatest(rows, key == "exported") for key in LABELS}
    tried = [row for row in rows if row.conversion != "exported" and not row.outcome.startswith("not run")]
    refused = [row for row in tried if row.outcome == REFUSED]
    rows += _of_choices(context, sizes, missing)
    data = pd.DataFrame([asdict(row) for row in rows]).drop(columns="deprecated").astype({"seed": "Int64"})
    networks = ", ".join(run.label for run in context.settings.runs)
    return Built(
        caption=(
            f"Converted modules beside the originals, with PyTorch {torch_version()}. Trained networks "
            f" ({networks}; all seeds) are given {pictures} test pictures. They are converted with the first, "
            "except that what is exported takes all. The modules with a choice have "
            f"{sizes[0]} × {sizes[1]} random weights; tracing records what they do with the input in parentheses. "
            "Differences are relative to the original's number where that is above 1. "
            f"TorchScript refused {len(refused)} of {len(tried)} conversions of trained networks; the greatest "
            "difference is that of the others."
        ),
        data=data,
        values=tuple(
            Measured(key, "max_difference", label, exact(found))
            for key, label in LABELS.items()
            if (found := greatest[key]) is not None
        ),
        table=Table.of(
            _by_module(data),
            Column("module", "module"),
            Column("conversion", "conversion"),
            Column("given", "given"),
            Column("outcome", "result, greatest difference"),
        ),
        facts={**_facts(rows), "greatest": greatest, "sizes": list(sizes)},
        not_run=""
        if greatest["max_difference"] is not None
        else missing or f"TorchScript takes no network ({refused[0].said}).",
    )


def _greatest(rows: Sequence[Row], exported: bool) -> float | None:
    """Return the greatest difference of networks that were exported, or converted with TorchScript, or None."""
    found = [row.difference for row in rows if (row.conversion == "exported") == exported]
    return max((difference for difference in found if difference is not None), default=None)


def _of_network(network: TrainedNetwork, missing: str) -> Iterator[Row]:
    """Yield a row for each conversion of a trained network; those of TorchScript are not run where it is missing."""
    examples = {way: network.inputs if way == "exported" else network.inputs[:1] for way in WAYS}
    for way, example in examples.items():
        shared = (network.run.label, network.seed, way)
        if missing and way != "exported":
            yield Row(*shared, "", None, f"not run: {missing}")
            continue
        done = convert(way, network.model, example)
        if done.module is None:
            yield Row(*shared, "", None, REFUSED, done.said)
            continue
        with torch.no_grad():
            difference, outcome = _compared(done.module(network.inputs), network.outputs)
        yield Row(*shared, f"{len(network.inputs)} pictures", difference, outcome, done.said, done.deprecated)


def _of_choices(context: ArtefactContext, sizes: tuple[int, int], missing: str) -> Iterator[Row]:
    """Yield what each conversion of a module with a choice makes of an input of either kind."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(context.settings.global_seed, context.settings.id, "module"))
        weight, numbers = torch.rand(sizes), torch.rand(sizes[1])
    inputs = {ABOVE: numbers, BELOW: -numbers}
    for name, module, original, way, example in CHOICES:
        conversion = f"{way} ({example})" if way == "traced" else way
        if missing and way != "exported":
            yield Row(name, None, conversion, "", None, f"not run: {missing}")
            continue
        done = convert(way, _with_weight(module, weight), inputs[example])
        if done.module is None:
            yield Row(name, None, conversion, "", None, REFUSED, done.said)
            continue
        for given, numbers in inputs.items():
            difference, outcome = _compared(done.module(numbers), _with_weight(original, weight)(numbers))
            yield Row(name, None, conversion, given, difference, outcome, done.said, done.deprecated)


def _with_weight(kind: type[MyModule], weight: Tensor) -> nn.Module:
    module = kind(*weight.shape).requires_grad_(False)
    module.weight.copy_(weight)
    return module.eval()


def _compared(found: Tensor, expected: Tensor) -> tuple[float, str]:
    """Return the greatest difference, and what came out in words."""
    if found.shape != expected.shape:
        return FARTHEST, f"wrong: {_shape(found)} numbers in place of {_shape(expected)}"
    difference = greatest_difference(found, expected)
    return difference, in_words(difference)


def _shape(tensor: Tensor) -> str:
    return " × ".join(map(str, tensor.shape))


def _by_module(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows for readers: one for all seeds of a run, with the result of the greatest difference."""
    ordered = data.assign(rank=data["difference"].fillna(-1.0)).sort_values("rank", ascending=False, kind="stable")
    shown = ordered.drop_duplicates(["module", "conversion", "given"]).sort_index()
    return shown.drop(columns="rank")


def _facts(rows: list[Row]) -> dict[str, Any]:
    """Return what was said and came out in each case, and how many comparisons of networks are equal to the last digit.

    ``refused`` has the networks that cannot be scripted, and what was said of the first seed: a second attempt at one
    class can fail in another way.
    """
    trained = [row for row in rows if row.seed is not None and row.difference is not None]
    refused: dict[str, str] = {}
    choices: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.seed is not None:
            if (row.conversion, row.outcome) == ("scripted", REFUSED):
                refused.setdefault(row.module, row.said)
        else:
            case = choices.setdefault(f"{row.module}, {row.conversion}", {"said": row.said, "outcomes": {}})
            case["outcomes"][row.given] = row.outcome
            case["refused"] = row.outcome == REFUSED
            case["wrong"] = case.get("wrong", False) or (row.difference or 0) > ROUNDING
    return {
        "compared": len(trained),
        "equal": sum(row.difference == 0 for row in trained),
        "refused": refused,
        "choices": choices,
        "deprecated": next((row.deprecated for row in rows if row.deprecated), ""),
    }
