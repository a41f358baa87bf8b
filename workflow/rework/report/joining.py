"""Joining the PDF files of a report's parts into one tagged document, with pikepdf."""

import itertools
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf

from rework.errors import ReportError
from rework.report.parts import ELSEWHERE


def join(parts: Sequence[Path], target: Path) -> None:
    """Write one PDF of the pages, tags, bookmarks and anchors of all parts; the rest is the first part's.

    The first part's pages have Roman numbers, and those of the others count from 1.

    Args:
        parts: tagged PDF files, as WeasyPrint makes them.
        target: the file to write.

    Raises:
        ReportError: a link leads to an anchor that no part has, or two parts have the same.
    """
    with pikepdf.open(parts[0]) as whole:
        front = len(whole.pages)
        for path in parts[1:]:
            with pikepdf.open(path) as part:
                _append(whole, part)
        _sort_anchors(whole)
        _close_links(whole)
        whole.Root.PageLabels = pikepdf.Dictionary(
            Nums=[0, pikepdf.Dictionary(S=pikepdf.Name.r), front, pikepdf.Dictionary(S=pikepdf.Name.D)]
        )
        whole.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _append(whole: pikepdf.Pdf, part: pikepdf.Pdf) -> None:
    """Append a part; its pages come first, since what refers to a page finds the copy only after that."""
    first = len(whole.pages)
    with warnings.catch_warnings():
        # That anchors are not copied with the pages; they follow.
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
        whole.pages.extend(part.pages)
    _append_tags(whole, part, first)
    _append_anchors(whole, part)
    _append_bookmarks(whole, part)


def _append_tags(whole: pikepdf.Pdf, part: pikepdf.Pdf, first: int) -> None:
    """Put the elements of a part's structure below the whole's document, and renumber their places in its tree."""
    tree, numbers = whole.Root.StructTreeRoot, whole.Root.StructTreeRoot.ParentTree.Nums
    base = int(numbers[-2]) + 1
    copied = whole.copy_foreign(part.Root.StructTreeRoot)
    document = tree.K[0]
    for element in copied.K[0].K:
        element.P = document
        document.K.append(element)
    for position, entry in enumerate(copied.ParentTree.Nums):
        numbers.append(int(entry) + base if position % 2 == 0 else entry)
    for page in whole.pages[first:]:
        page.obj.StructParents += base
        for note in _annotations(page):
            note.StructParent += base


def _append_anchors(whole: pikepdf.Pdf, part: pikepdf.Pdf) -> None:
    if "/Names" not in part.Root or "/Dests" not in part.Root.Names:
        return
    names = whole.copy_foreign(part.make_indirect(part.Root.Names.Dests)).Names
    if "/Names" not in whole.Root:
        whole.Root.Names = pikepdf.Dictionary()
    if "/Dests" not in whole.Root.Names:
        whole.Root.Names.Dests = pikepdf.Dictionary(Names=pikepdf.Array())
    whole.Root.Names.Dests.Names.extend(names)


def _append_bookmarks(whole: pikepdf.Pdf, part: pikepdf.Pdf) -> None:
    if "/Outlines" not in part.Root:
        return
    added = whole.copy_foreign(part.Root.Outlines)
    if "/Outlines" not in whole.Root:
        whole.Root.Outlines = added
        return
    outlines = whole.Root.Outlines
    mark: Any = added.First
    while mark is not None:
        mark.Parent = outlines
        mark = mark.get("/Next")
    outlines.Last.Next, added.First.Prev = added.First, outlines.Last
    outlines.Last = added.Last
    outlines.Count += added.Count


def _sort_anchors(whole: pikepdf.Pdf) -> None:
    """Put the anchors in order, as a name tree must be.

    Raises:
        ReportError: two parts have the same.
    """
    pairs = sorted(_anchors(whole), key=lambda pair: bytes(pair[0]))
    for (name, _), (other, _) in itertools.pairwise(pairs):
        if name == other:
            raise ReportError(f"the page has faults: Anchor defined twice: {name}")
    if pairs:
        whole.Root.Names.Dests.Names = pikepdf.Array([item for pair in pairs for item in pair])


def _anchors(whole: pikepdf.Pdf) -> Iterator[tuple[Any, Any]]:
    if "/Names" in whole.Root and "/Dests" in whole.Root.Names:
        names = list(whole.Root.Names.Dests.Names)
        yield from zip(names[::2], names[1::2], strict=True)


def _close_links(whole: pikepdf.Pdf) -> None:
    """Let addresses in other parts be links to their anchors."""
    known = {str(name) for name, _ in _anchors(whole)}
    for page in whole.pages:
        for note in _annotations(page):
            address = str(note.A.URI) if "/A" in note and "/URI" in note.A else ""
            if not address.startswith(ELSEWHERE):
                continue
            anchor = address.removeprefix(ELSEWHERE)
            if anchor not in known:
                raise ReportError(f"the page has faults: No anchor #{anchor} for a link in it")
            del note.A
            note.Dest = note.Contents = pikepdf.String(anchor)


def _annotations(page: pikepdf.Page) -> Iterator[Any]:
    yield from page.obj.get("/Annots", ())
