"""The parts of the report that are set one by one: what comes first, each chapter, and the appendix.

A page of a thousand drawings takes WeasyPrint minutes and gigabytes; its chapters can be set side by side, and what
they take is given back after each. A part is a whole document. Links into another part are addresses below
``ELSEWHERE`` until the parts are joined, because WeasyPrint drops a link whose anchor it does not see.
"""

import re
from collections.abc import Mapping

MARK = "<!-- part -->"
"""Separates, in the text of a report, the head from the first part and each part from the next."""
ELSEWHERE = "https://elsewhere.invalid/#"
_ANCHOR = re.compile(r'\sid="([^"]+)"')
_LINK = re.compile(r'href="#([^"]+)"')


def split(text: str) -> tuple[str, ...]:
    """Return the parts of a report as documents; a text without marks is one."""
    head, *parts = text.split(MARK)
    if not parts:
        return (text,)
    return (head + parts[0], *(f"{head}<main>\n{part}" for part in parts[1:]))


def with_pages(part: str, pages: Mapping[str, int]) -> str:
    """Return a part whose links into other parts are addresses, with the page of their anchor in ``data-page``.

    Args:
        part: a document.
        pages: the page of each known anchor.
    """
    own = set(_ANCHOR.findall(part))

    def link(match: re.Match[str]) -> str:
        anchor = match[1]
        if anchor in own:
            return match[0]
        page = f' data-page="{pages[anchor]}"' if anchor in pages else ""
        return f'href="{ELSEWHERE}{anchor}"{page}'

    return _LINK.sub(link, part)
