"""Where settings are known from: keys ``sources`` of runs and data sets, which list settings by source."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.settings.artefact import Source

OURS = ("precision", "seeds")
"""Settings that no writeup states: where nothing else is said, they are assumed."""


def by_setting(sources: Mapping[str, Sequence[str]], prefix: str = "") -> dict[str, Source]:
    """Return the source of each setting, whose name gets a prefix.

    >>> by_setting({"course": ["batch_size"], "assumed": ["model", "epochs"]})
    {'batch_size': 'course', 'model': 'assumed', 'epochs': 'assumed'}
    """
    return {prefix + setting: cast("Source", source) for source, settings in sources.items() for setting in settings}


def source_of(setting: str, sources: Mapping[str, Source]) -> Source:
    """Return the source of a setting: its own, that of the group that it belongs to, or the writeup.

    >>> source_of("optimiser.momentum", {"optimiser": "assumed", "optimiser.name": "course"})
    'assumed'
    """
    while setting not in sources and "." in setting:
        setting = setting.rpartition(".")[0]
    return sources.get(setting, "assumed" if setting in OURS else "writeup")


def check_sources(table: Mapping[str, Any], kind: str, known: Collection[str], where: str) -> None:
    """Check the key ``sources`` of a run or a data set.

    Args:
        table: the run or the data set.
        kind: what it has, in messages.
        known: the names that it may use.
        where: the file and the key of the table.

    Raises:
        ConfigError: a setting is unknown, or named twice.
    """
    owners: dict[str, str] = {}
    for source, settings in table.get("sources", {}).items():
        for position, setting in enumerate(settings):
            if setting not in known:
                raise ConfigError(f"{where}.sources.{source}[{position}]: {unknown_name(kind, setting, known)}")
            if (other := owners.setdefault(setting, source)) != source:
                raise ConfigError(f"{where}.sources.{source}[{position}]: {setting!r} is already under {other}")
