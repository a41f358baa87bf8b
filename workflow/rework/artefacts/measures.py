"""The decorator with which an artefact's function declares which values it measures."""

from collections.abc import Callable
from types import EllipsisType
from typing import Any, TypeVar

from rework.measured_values import Measures

_Function = TypeVar("_Function", bound=Callable[..., Any])


def measures(*of_runs: str, **others: tuple[str, ...] | EllipsisType) -> Callable[[_Function], _Function]:
    """Declare what an artefact's function measures; one that measures nothing needs no declaration.

    ``@measures("test_accuracy")``: this metric for each of its runs. ``@measures(loss=("start", "end"))``: a loss under
    each of these keys. An option's name in braces is replaced by its value, or by each of its values if it is a list:
    ``@measures("{metrics}")`` for a recipe whose options list the metrics to measure for its runs.
    """

    def declare(function: _Function) -> _Function:
        function.__dict__["measures"] = Measures(of_runs, others)
        return function

    return declare


def declared_measures(function: Callable[..., Any]) -> Measures:
    """Return what a function declared with ``measures``."""
    found: Measures = function.__dict__.get("measures", Measures())
    return found
