"""Converting a module with TorchScript or with its successor, ``torch.export``, and what these say while they do.

TorchScript is deprecated: since 2.11 torch warns of it, and a later version, or a newer Python, may come without it.
Only this module calls it.
"""

import io
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

_PASSING = re.compile(r"(?<=0x)[0-9a-f]+|(?<=torch_mangle_)\d+")
"""Addresses in memory, and the numbers with which TorchScript makes names unique."""
FARTHEST = sys.float_info.max
"""The difference of what cannot be compared, in place of infinity, for which JSON has no word."""
Way = Literal["traced", "traced and saved", "scripted", "exported"]
Convertible = Callable[[nn.Module, Tensor], Any]


@dataclass(frozen=True)
class Conversion:
    """A module that was converted, or why it was refused.

    Attributes:
        module: called like the original; None if it was refused.
        said: the warnings, except of deprecation, or the error, as torch words them.
        deprecated: the first warning of deprecation, or nothing.
    """

    module: Callable[[Tensor], Tensor] | None
    said: str
    deprecated: str = ""


def torchscript_missing() -> str:
    """Return why this torch has no TorchScript, in a sentence, or nothing if it has."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced(nn.Identity(), torch.zeros(1))(torch.zeros(1))
            scripted(nn.Identity(), torch.zeros(1))(torch.zeros(1))
    # What a version without it will raise is not known yet.
    except Exception as error:
        return f"The installed PyTorch {torch_version()} has no TorchScript ({words_of(error)})."
    return ""


def convert(way: Way, module: nn.Module, example: Tensor) -> Conversion:
    """Convert a module, with an example of its input, and keep what is said meanwhile."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            converted = WAYS[way](module, example)
        # Each way has its own errors, some of them direct descendants of Exception.
        except Exception as error:
            return Conversion(None, words_of(root_of(error)))
    texts = [f"{warning.category.__name__}: {warning.message}" for warning in caught]
    deprecated = [text for text in texts if "deprecated" in text]
    said = dict.fromkeys(text for text in texts if text not in deprecated)
    return Conversion(converted, " ".join(said), next(iter(deprecated), ""))


def traced(module: nn.Module, example: Tensor) -> Any:
    """Return a module of TorchScript that repeats what the module did with the example."""
    return torch.jit.trace(module, example)


def scripted(module: nn.Module, example: Tensor) -> Any:
    """Return a module of TorchScript compiled from the source text of the module."""
    del example
    return torch.jit.script(module)


def save_traced(module: nn.Module, example: Tensor, target: Path) -> None:
    """Trace a module and write it as a file that TorchScript loads in Python and in C++."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ``convert`` is there to tell what is said
        torch.jit.save(traced(module, example), target)


def traced_and_saved(module: nn.Module, example: Tensor) -> Any:
    """Return what is loaded from the file of a traced module."""
    stored = io.BytesIO()
    torch.jit.save(traced(module, example), stored)
    stored.seek(0)
    return torch.jit.load(stored)


def exported(module: nn.Module, example: Tensor) -> Any:
    """Return a module that runs the graph which ``torch.export`` found, for inputs of the example's shape."""
    return torch.export.export(module, (example,)).module()


WAYS: Mapping[Way, Convertible] = {
    "traced": traced,
    "traced and saved": traced_and_saved,
    "scripted": scripted,
    "exported": exported,
}


def root_of(error: BaseException) -> BaseException:
    """Return the error that caused an error, at the beginning of the chain."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def words_of(error: BaseException) -> str:
    """Return the type and the first line of an error's message, and the line that explains it if there is one.

    Numbers that differ from run to run are dots.
    """
    first, *others = [line.strip() for line in str(error).strip().splitlines()] or [""]
    explained = [line for line in others if line.startswith("Explanation: ")]
    return f"{type(error).__name__}: {_PASSING.sub('…', ' '.join([first, *explained[:1]]))}"


def greatest_difference(found: Tensor, expected: Tensor) -> float:
    """Return the greatest difference of two tensors, relative to the expected number where that is above 1.

    It is ``FARTHEST`` for another shape, and where a difference is no finite number.
    """
    if found.shape != expected.shape:
        return FARTHEST
    differences = (found - expected).abs() / expected.abs().clamp(min=1)
    return float(differences.max()) if bool(differences.isfinite().all()) else FARTHEST


def in_words(difference: float) -> str:
    """Return a greatest difference in words, for tables."""
    if difference == FARTHEST:
        return "wrong: numbers that cannot be compared"
    return "equal" if difference == 0 else f"{difference:.1e}"


def torch_version() -> str:
    """Return the version of the installed PyTorch without its build."""
    return torch.__version__.partition("+")[0]
