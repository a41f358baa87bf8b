"""What a file looks like by its first bytes: a page for people or a message for programs in place of data."""

import re
from pathlib import Path

from rework.messages import short_text

START = 512  # bytes that tell what a file looks like
# A page may begin with a byte order mark, an XML declaration and comments.
_BEFORE_PAGE = re.compile(rb"(?:\xef\xbb\xbf|\s|<\?xml[^>]*\?>|<!--.*?-->)*", re.DOTALL)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|title|body|script|meta|div|p|h1)\b", re.IGNORECASE)


def looks_like(start: bytes) -> str | None:
    r"""Return what the beginning of a file looks like if that is a page or a message, with a short quotation.

    >>> looks_like(b"<!-- portal -->\n<HTML><head>")
    "an HTML page (it starts with b'<!-- portal -->\\n<HTML><head>')"
    """
    start = start[:START]
    if not start:
        return "an empty file"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = None
    if is_page(start):
        kind = "an HTML page"
    elif text.startswith((b"<?xml", b"<Error")):
        kind = "an XML message"
    elif text.startswith((b"{", b"[")):
        kind = "JSON"
    elif all(byte >= 0x20 or byte in b"\t\r\n\f\x1b" for byte in start) and _decodes(start):
        kind = "plain text"
    return None if kind is None else f"{kind} (it starts with {short_text(start[:60])})"


def is_page(start: bytes) -> bool:
    """Return whether a file begins like an HTML page, whatever stands before its first element."""
    return _PAGE.match(start, _BEFORE_PAGE.match(start).end()) is not None  # type: ignore[union-attr] # it may be empty


def _decodes(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end >= len(start) - 3  # the last character may be cut
    return True


def start_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(START)
