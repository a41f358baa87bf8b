"""What reshape, resize_ and view do to a tensor, and when they fail (section 2.1), run with the installed PyTorch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Column, Table
from rework.deployment.conversions import torch_version

Sizes = tuple[int, ...]

TENSORS: Mapping[str, Callable[[], Tensor]] = {
    "x": lambda: torch.arange(12).view(3, 4),
    "x.t()": lambda: torch.arange(12).view(3, 4).t(),
    "w": lambda: torch.zeros(3, 4, requires_grad=True),
}
"""The tensors by the text of the calls: twelve numbers in three rows, the same turned over, and weights in training."""

CASES: tuple[tuple[str, str, Sizes], ...] = (
    ("x", "reshape", (2, 6)),
    ("x.t()", "reshape", (2, 6)),
    ("x", "reshape", (2, 4)),
    ("x", "resize_", (2, 4)),
    ("x", "resize_", (4, 4)),
    ("x.t()", "resize_", (2, 6)),
    ("w", "resize_", (2, 4)),
    ("x", "view", (2, 6)),
    ("x", "view", (2, -1)),
    ("x", "view", (2, 4)),
    ("x", "view", (5, -1)),
    ("x.t()", "view", (2, 6)),
)


@dataclass(frozen=True)
class Outcome:
    """What a call did.

    Attributes:
        call: its text.
        shape: of the result; None if it failed.
        memory: whose numbers the result has.
        values: its numbers, row by row; empty if some were never set.
        kept: how many of the tensor's numbers it has.
        error: the type and the message of what was raised, or nothing.
    """

    call: str
    shape: Sizes | None
    memory: str
    values: str
    kept: int
    error: str

    @property
    def failed(self) -> bool:
        """Whether the call raised an error."""
        return self.shape is None


def run_case(tensor: str, method: str, sizes: Sizes) -> Outcome:
    """Call a method of a fresh tensor and observe what happens."""
    before = TENSORS[tensor]()
    call = f"{tensor}.{method}({', '.join(map(str, sizes))})"
    address, count = before.untyped_storage().data_ptr(), before.numel()
    try:
        after: Tensor = getattr(before, method)(*sizes)
    except (RuntimeError, ValueError, TypeError) as error:
        return Outcome(call, None, "", "", 0, f"{type(error).__name__}: {error}")
    shared = after.untyped_storage().data_ptr() == address
    memory = "changed in place" if after is before else "the same memory" if shared else "a copy"
    grown = after.numel() > count
    rows = [] if grown else [" ".join(map(str, row)) for row in after.tolist()]
    return Outcome(call, tuple(after.shape), memory, " / ".join(rows), min(count, after.numel()), "")


def tensor_views(context: ArtefactContext) -> Built:
    """Return what each call of ``CASES`` gives, or the error that it raises."""
    del context
    found = [run_case(*case) for case in CASES]
    data = pd.DataFrame([_row(outcome) for outcome in found]).astype({"kept": "Int64"})
    by_call = {outcome.call: outcome for outcome in found}
    failed = [outcome.call for outcome in found if outcome.failed]
    return Built(
        caption=(
            f"Calls that change the shape of a tensor, run with PyTorch {torch_version()}: what "
            "each gives, and the error where it fails, as PyTorch words it. x holds the numbers 0 to 11 in three rows, "
            f"x.t() is its transpose, and w are weights in training. {len(failed)} of the {len(found)} calls fail."
        ),
        data=data,
        table=Table.of(
            data,
            Column("call", "call"),
            Column("shape", "shape", "right"),
            Column("memory", "numbers"),
            Column("outcome", "rows, or error"),
        ),
        facts={
            "failed": failed,
            "reshape_may_copy": by_call["x.t().reshape(2, 6)"].memory == "a copy",
            "reshape_may_share": by_call["x.reshape(2, 6)"].memory == "the same memory",
            "resize_cuts": by_call["x.resize_(2, 4)"].kept < 12,
            "resize_grows": not by_call["x.resize_(4, 4)"].failed,
            "resize_forgets_order": by_call["x.t().resize_(2, 6)"].values != by_call["x.t().reshape(2, 6)"].values,
            "view_refuses_other_numbers": by_call["x.view(2, 4)"].failed,
            "view_refuses_transpose": by_call["x.t().view(2, 6)"].failed,
            "view_fills_in": by_call["x.view(2, -1)"].shape == (2, 6),
        },
    )


def _row(outcome: Outcome) -> dict[str, Any]:
    new = "" if outcome.failed or outcome.values else f"{outcome.kept} old numbers and new ones that nobody has set"
    return {
        "call": outcome.call,
        "shape": " × ".join(map(str, outcome.shape or ())) or None,
        "memory": outcome.memory or None,
        "kept": None if outcome.failed else outcome.kept,
        "outcome": outcome.error or new or outcome.values,
    }
