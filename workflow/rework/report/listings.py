"""Listings: the source of named objects of the library as it ran, with the line numbers of its file."""

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pygments import format as format_tokens
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Name, Punctuation, Text, Whitespace

from rework.errors import ReportError
from rework.messages import unknown_name

# Columns that fit a page at the size of most listings; longer lines, up to the library's 120 columns, are set smaller.
NORMAL_COLUMNS = 104
_PLAIN = (Name, Punctuation, Whitespace)
_PART = 4  # lines after which a page may end; at a blank line after half as many


@dataclass(frozen=True)
class Excerpt:
    """Lines of a file; the first of them has the number ``first``, counted from 1."""

    first: int
    lines: tuple[str, ...]


@cache
def listing(source: str) -> Markup:
    """Return the source of objects of a module as HTML.

    Args:
        source: module and objects, such as ``rework.numpy_network.network:Layer.forward, Network.forward``.

    Raises:
        ReportError: no objects are named, or there is no such module or object.
    """
    found = excerpts(source)
    wide = any(len(line) > NORMAL_COLUMNS for excerpt in found for line in excerpt.lines)
    body = "".join(f"<pre>{''.join(map(_numbered, *_coloured_parts(excerpt)))}</pre>" for excerpt in found)
    return Markup(f'<div class="listing{" wide" if wide else ""}">{body}</div>')  # noqa: S704 - Pygments escapes it


def excerpts(source: str) -> list[Excerpt]:
    """Return the lines of each named object, in the order of the names; ``source`` is as for ``listing``."""
    module, _, names = source.partition(":")
    if not names.strip():
        raise ReportError(f"the listing of {source} names no objects; expected 'module:object, object'")
    path = _source_file(module)
    text = path.read_text(encoding="utf-8")
    objects = dict(_objects(ast.parse(text).body))
    return [_excerpt(objects, name.strip(), text.splitlines(), module) for name in names.split(",")]


def _source_file(module: str) -> Path:
    # Located without importing it, since a model's module would import torch.
    package, _, name = module.rpartition(".")
    parent = importlib.util.find_spec(package) if package else None
    if parent is not None and parent.submodule_search_locations:
        path = Path(parent.submodule_search_locations[0]) / f"{name}.py"
        if path.is_file():
            return path
    raise ReportError(f"the listing of {module} has no source: no such module")


def _objects(body: Sequence[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Yield the names and definitions of functions, classes, their members, and constants."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name, body=members):
                yield within + name, statement
                yield from _objects(members, f"{within}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield within + name, statement
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield within + name, statement


def _excerpt(objects: dict[str, ast.stmt], name: str, lines: Sequence[str], module: str) -> Excerpt:
    if name not in objects:
        raise ReportError(f"the listing of {module} shows what is not there: {unknown_name('object', name, objects)}")
    found = objects[name]
    decorators = getattr(found, "decorator_list", [])
    first = min(statement.lineno for statement in (found, *decorators))
    return Excerpt(first, tuple(lines[first - 1 : found.end_lineno]))


def _coloured_parts(excerpt: Excerpt) -> tuple[list[int], list[list[str]]]:
    """Return the lines of an excerpt as HTML in parts between which a page may end, and the number of each's first."""
    tokens = PythonLexer(stripnl=False).get_tokens("\n".join(excerpt.lines))
    # Most of a listing has no colour of its own; as one piece of text it takes much less of the PDF's time.
    merged = ((Text if kind in _PLAIN else kind, text) for kind, text in tokens)
    # Without surrounding tags, Pygments closes every tag at the end of its line.
    coloured = format_tokens(merged, HtmlFormatter(nowrap=True)).split("\n")
    firsts, parts = [], []
    start = 0
    for end, line in enumerate(excerpt.lines, start=1):
        long = end - start >= _PART or (not line and end - start >= _PART // 2)
        if (long and len(excerpt.lines) - end >= _PART // 2) or end == len(excerpt.lines):
            firsts.append(excerpt.first + start)
            parts.append(coloured[start:end])
            start = end
    return firsts, parts


def _numbered(first: int, lines: Sequence[str]) -> str:
    """Return a part whose numbers are drawn beside it by the style sheet, so that they are not copied with the code."""
    numbers = "\n".join(str(first + position) for position in range(len(lines)))
    text = "\n".join((*lines, ""))
    return f'<span class="part" data-numbers="{numbers}">{text}</span>'


def syntax_css() -> str:
    """Return the colours of listings on light and dark backgrounds."""
    rules = []
    for style, selector in (("friendly", ":root .listing"), ("github-dark", ":root[data-theme=dark] .listing")):
        formatter: Any = HtmlFormatter(style=style)
        rules += formatter.get_token_style_defs(selector)
    return "\n".join(rules)
