"""What an artefact's function says of itself beside its ``def``: which values it measures.

The configuration is held against it before anything runs, so this module imports nothing that takes time.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_OPTION = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Measures:
    """The values that an artefact's function may measure.

    Attributes:
        of_runs: metrics of its runs; the key of such a value is the run.
        others: by metric, the keys of all other values; ``...`` where only results can tell them.
    """

    of_runs: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...] | EllipsisType] = field(default_factory=dict)

    def keys(self, options: Mapping[str, Any], runs: Sequence[str]) -> dict[str, tuple[str, ...] | EllipsisType]:
        """Return the keys of each metric, for an artefact with these options (defaults included) and runs."""
        found: dict[str, tuple[str, ...] | EllipsisType] = {}
        for metric in self.of_runs:
            found |= dict.fromkeys(_filled(metric, options), tuple(runs))
        for metric, keys in self.others.items():
            found[metric] = keys if keys is ... else tuple(name for key in keys for name in _filled(key, options))
        return found


def measures(*of_runs: str, **others: tuple[str, ...] | EllipsisType) -> Callable[[_Function], _Function]:
    """Declare what an artefact's function measures; one that measures nothing needs no declaration.

    ``@measures("test_accuracy")``: this metric of each of its runs. ``@measures(loss=("start", "end"))``: a loss under
    each of these keys. An option's name in braces stands for its value, or for each of its values if it is a list:
    ``@measures("{metrics}")`` for a recipe that is told which metrics to measure of its runs.
    """

    def declare(function: _Function) -> _Function:
        function.__dict__["measures"] = Measures(of_runs, others)
        return function

    return declare


def declared_measures(function: Callable[..., Any]) -> Measures:
    """Return what a function has declared with ``measures``."""
    found: Measures = function.__dict__.get("measures", Measures())
    return found


def _filled(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield a name with the option in braces replaced by each of its values."""
    option = _OPTION.search(name)
    if option is None:
        yield name
        return
    value = options[option[1]]
    for item in value if isinstance(value, list | tuple) else [value]:
        yield name.replace(option[0], str(item))
