"""The values that an artefact's function measures, so that the configuration can be checked before anything runs.

The catalogue and the artefacts share this module, so it imports nothing slow.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

_OPTION = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Measures:
    """The values that an artefact's function may measure.

    Attributes:
        of_runs: metrics of its runs; the key of such a value is the run.
        others: the keys of all other values, by metric; ``...`` if they are known only from the results.
    """

    of_runs: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...] | EllipsisType] = field(default_factory=dict)

    def keys(self, options: Mapping[str, Any], runs: Sequence[str]) -> dict[str, tuple[str, ...] | EllipsisType]:
        """Return the keys of each metric, for an artefact with these options (defaults included) and runs.

        >>> measures = Measures(of_runs=("{metrics}",), others={"parameters": ("total",)})
        >>> measures.keys({"metrics": ("test_accuracy",)}, ["cnn", "mlp"])
        {'test_accuracy': ('cnn', 'mlp'), 'parameters': ('total',)}
        """
        found: dict[str, tuple[str, ...] | EllipsisType] = {}
        for metric in self.of_runs:
            found |= dict.fromkeys(filled(metric, options), tuple(runs))
        for metric, keys in self.others.items():
            found[metric] = keys if keys is ... else tuple(name for key in keys for name in filled(key, options))
        return found


def option_of(name: str) -> str | None:
    """Return the option in braces in a name, or None."""
    option = _OPTION.search(name)
    return option and option[1]


def filled(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield a name with an option in braces replaced by each of the option's values."""
    option = _OPTION.search(name)
    if option is None:
        yield name
        return
    value = options[option[1]]
    for item in value if isinstance(value, list | tuple) else [value]:
        yield name.replace(option[0], str(item))
