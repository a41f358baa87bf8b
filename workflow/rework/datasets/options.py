"""Checked access to the options of a data set."""

from collections.abc import Collection, Mapping
from typing import Any

from rework.errors import ConfigError
from rework.messages import unknown_name


def check_names(options: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Refuse options that nothing reads.

    Raises:
        ConfigError: an option is unknown; the message names the nearest one that exists.
    """
    for name in options:
        if name not in known:
            raise ConfigError(f"{where}: {unknown_name('option', name, known)}")


def positive_count(options: Mapping[str, Any], name: str, where: str, default: int | None = None) -> int:
    """Return an option that is a positive whole number.

    Raises:
        ConfigError: the option is missing (and has no default) or is something else.
    """
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where}: option {name} is {value!r}, expected a positive whole number")
    return value
