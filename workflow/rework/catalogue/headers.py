"""Headers of the functions of a library module, without importing it and without parsing all of it.

A header is the decorator ``@measures`` and the ``def`` up to its colon. To parse whole modules takes ten times as long,
and the configuration is read in every job.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"^(?:@measures\(.*?^)?def (\w+)\(.*?:(?:  #[^\n]*)?$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """One keyword-only argument of a function: its annotation as text, and its default, None unless it is a literal."""

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
    """Return the headers of a module's functions by name; a module that is not there has none."""
    if not path.is_file():
        return {}
    return {found[1]: found[0] for found in _HEADER.finditer(path.read_text(encoding="utf-8"))}


def parsed_header(text: str) -> ast.FunctionDef:
    """Return a header as a function without a body."""
    (function,) = ast.parse(f"{text}\n    ...").body
    assert isinstance(function, ast.FunctionDef)
    return function
