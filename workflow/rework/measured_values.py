"""Which values an artefact's function measures, for the configuration to be checked before anything runs.

The catalogue and the artefacts share it, so it imports nothing that takes time.
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


def _filled(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield a name with the option in braces replaced by each of its values."""
    option = _OPTION.search(name)
    if option is None:
        yield name
        return
    value = options[option[1]]
    for item in value if isinstance(value, list | tuple) else [value]:
        yield name.replace(option[0], str(item))
