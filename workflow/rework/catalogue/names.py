"""The names that the configuration gives: parts of paths and of shell commands, so they have one simple form."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rework.errors import ConfigError

NAME = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*")
RESERVED = frozenset(
    "all report page sample verify publish fetch generate_sample preprocess describe train fit convert_weights "
    "evaluate read_letters make_table make_figure build_page build_pdf".split()
)
"""Names of rules, of which a writeup's target is one more."""
EXPECTED = "expected letters and digits, joined by -, _ or ."


def check_names(table: Mapping[str, Any], groups: Iterable[str], shown: str) -> None:
    """Check the names in some groups of a file.

    Args:
        table: the parsed file.
        groups: keys of it that hold something by name.
        shown: the name of the file in messages.

    Raises:
        ConfigError: a name has another form.
    """
    for group in groups:
        for name in table.get(group, {}):
            if not NAME.fullmatch(name):
                raise ConfigError(f"{shown}: key {group}.{name}: {EXPECTED}")
