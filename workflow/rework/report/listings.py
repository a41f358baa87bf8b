"""Listings: the source of a library module as it ran, with CSS classes for syntax colours."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from rework.errors import ReportError


@cache
def listing(module: str) -> Markup:
    """Return the source of a module as HTML.

    Raises:
        ReportError: there is no such module.
    """
    # Located without importing it, since a model's module would import torch.
    package, _, name = module.rpartition(".")
    parent = importlib.util.find_spec(package)
    if parent is None or not parent.submodule_search_locations:
        raise ReportError(f"the listing of {module} has no source: no such module")
    path = Path(parent.submodule_search_locations[0]) / f"{name}.py"
    if not path.is_file():
        raise ReportError(f"the listing of {module} has no source: no such module")
    coloured = highlight(path.read_text(encoding="utf-8"), PythonLexer(), HtmlFormatter(cssclass="listing"))
    return Markup(coloured)  # noqa: S704 - Pygments escapes the source


def syntax_css() -> str:
    """Return the colours of listings on light and dark backgrounds."""
    rules = []
    for style, selector in (("friendly", ":root .listing"), ("github-dark", ":root[data-theme=dark] .listing")):
        formatter: Any = HtmlFormatter(style=style, cssclass="listing")
        rules.append(formatter.get_style_defs(selector))
    return "\n".join(rules)
