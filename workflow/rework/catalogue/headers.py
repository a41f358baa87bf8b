"""The headers of functions in a library module, read without importing it or parsing all of it.

A header is the decorators ``@measures`` and ``@needs`` and the ``def`` up to its colon. Parsing whole modules would
take ten times as long, and the configuration is read in every job.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"^(?:@(?:measures|needs)\(.*?^)?def (\w+)\(.*?:(?:  #[^\n]*)?$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """A keyword-only parameter: its annotation as text, and its default if that is a literal (None otherwise)."""

    name: str
    annotation: str
    required: bool
    default: Any = None


def keyword_parameters(function: ast.FunctionDef) -> dict[str, Parameter]:
    """Return the keyword-only parameters of a function by name."""
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return {
        argument.arg: Parameter(
            argument.arg,
            ast.unparse(argument.annotation) if argument.annotation else "Any",
            default is None,
            _literal(default),
        )
        for argument, default in pairs
    }


def _literal(default: ast.expr | None) -> Any:
    try:
        return None if default is None else ast.literal_eval(default)
    except ValueError:
        return None


@cache
def header_texts(path: Path) -> Mapping[str, str]:
    """Return the headers of a module's functions by name; none if the module does not exist."""
    if not path.is_file():
        return {}
    return {found[1]: found[0] for found in _HEADER.finditer(path.read_text(encoding="utf-8"))}


def parsed_header(text: str) -> ast.FunctionDef:
    """Return the syntax tree of a header, as a function with an empty body."""
    (function,) = ast.parse(f"{text}\n    ...").body
    assert isinstance(function, ast.FunctionDef)
    return function
