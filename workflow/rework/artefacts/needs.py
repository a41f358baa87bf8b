"""The decorator with which an artefact's function declares what it is made from."""

from collections.abc import Callable
from typing import Any, TypeVar

from rework.needed_inputs import Needs

_Function = TypeVar("_Function", bound=Callable[..., Any])


def needs(**declared: Any) -> Callable[[_Function], _Function]:
    """Declare what an artefact's function is made from; one that reads nothing needs no declaration.

    The configuration is held against it before the first job, so the function may rely on it. It is read without
    importing the function's module, so all values must be literals::

        @needs(runs=1, trained="characters")                    # one run of this task
        @needs(runs=(1, ...), metrics="{metrics}")              # any runs that measure what the option lists
        @needs(runs=2, model="feedforward", last={"keys": "keep"})
        @needs(datasets="road-photograph")

    See ``rework.needed_inputs`` for all keys.
    """

    def declare(function: _Function) -> _Function:
        function.__dict__["needs"] = Needs.of(**declared)
        return function

    return declare


def declared_needs(function: Callable[..., Any]) -> Needs:
    """Return what a function declared with ``needs``."""
    found: Needs = function.__dict__.get("needs", Needs())
    return found
