"""The PDF, by WeasyPrint: tagged, with bookmarks and the metrics attached, and reproducible to the byte."""

import gc
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import ImageFile

from rework.drawing.fonts import CONVERTED, true_type_file
from rework.errors import ReportError
from rework.files import atomic_path, write_text
from rework.page_seals import sealed
from rework.provenance import code_fingerprint, packages_hash
from rework.report.joining import join
from rework.report.kept_parts import KeptPart, KeptParts, SetPart
from rework.report.numbering import run_numbered
from rework.report.parts import split, with_pages

LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# Metadata would contain the time of the build; this fixed time is used where a date is required.
EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
# Messages of WeasyPrint that report a fault in the page, not advice.
_FAULTS = (
    "notdef",
    "no required alt",
    "Anchor defined twice",
    "No anchor",
    "Failed to load",
    "will be required",
    "Missing required",
)


def write_pdf(
    html: str,
    path: Path,
    metrics: str,
    processes: int = 1,
    manifest: str | None = None,
    kept_in: Path | None = None,
) -> None:
    """Write a report as PDF/UA with ``metrics.csv`` attached.

    Args:
        html: the report; chapters that :data:`rework.report.parts.MARK` separates are set one by one.
        path: the file to write.
        metrics: the content of ``metrics.csv``.
        processes: how many chapters may be set at a time; each takes a core and up to a gigabyte.
        manifest: the SHA-256 of its manifest, for its last line; without it, there is none.
        kept_in: folder of chapters as they were set before; one that is still the same is not set again.

    Raises:
        ReportError: system libraries are missing, or WeasyPrint complains about the page.
    """
    weasyprint = _import_weasyprint()
    kept = None if kept_in is None else KeptParts(kept_in, _made_with(weasyprint))
    front, *chapters = split(html)
    attachment = weasyprint.Attachment(
        string=metrics, name="metrics.csv", description="Every value of this report", created=EPOCH, modified=EPOCH
    )
    with atomic_path(path) as partial_file, tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.pdf" for number in range(1 + len(chapters))]
        jobs = [
            partial(_kept_or_set, kept, weasyprint, with_pages(text, {}), file)
            for text, file in zip(chapters, files[1:], strict=True)
        ]
        pages, first = dict[str, int](), 1
        for part in run_numbered(jobs, processes, [*map(len, chapters)]):
            pages |= {anchor: first + page for anchor, page in part.anchors.items()}
            first += part.length
        _set_part(weasyprint, with_pages(front, pages), files[0], attachments=[attachment])
        join(files, partial_file)
        if kept is not None:
            kept.drop_oldest()
        if manifest is not None:
            partial_file.write_bytes(sealed(partial_file.read_bytes(), ".pdf", manifest))


def _kept_or_set(
    kept: KeptParts | None, weasyprint: Any, html: str, path: Path, first: Callable[[int], int]
) -> SetPart:
    """Write a document as ``_set_part`` does, or the same file as it is kept from an earlier build."""
    if kept is None:
        return _set_part(weasyprint, html, path, first)
    found, numbers = kept.find(html), list[int]()
    if found is not None:
        numbers.append(first(found.part.length))
        if numbers[0] == found.first:
            path.write_bytes(found.content)
            kept.used(html)
            return found.part

    def number(length: int) -> int:
        if not numbers:
            numbers.append(first(length))
        return numbers[0]

    part = _set_part(weasyprint, html, path, number)
    kept.keep(html, KeptPart(numbers[0], part, path.read_bytes()))
    return part


def _made_with(weasyprint: Any) -> str:
    """Name what else than its text decides how a part is set: this code, the packages, and the library for text."""
    pango = weasyprint.text.ffi.pango.pango_version()
    return f"{code_fingerprint(__name__)} {packages_hash('report')} {weasyprint.__version__} {pango}"


def _set_part(
    weasyprint: Any, html: str, path: Path, first: Callable[[int], int] = lambda _: 1, attachments: Sequence[Any] = ()
) -> SetPart:
    """Write a document as PDF/UA.

    Args:
        weasyprint: the package.
        html: the document.
        path: the file to write.
        first: is told how many pages the document has, and returns the number of the first one.
        attachments: files to attach.
    """
    # The page is self-contained; an address outside it is a fault.
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    log = _Log()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(log)
    try:
        with _rare_garbage_collection(), _numbered(weasyprint, first):
            options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": True, "attachments": [*attachments]}
            document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(**options)
            document.write_pdf(path, finisher=_retag_formulas, **options)
    finally:
        logger.removeHandler(log)
    faults = [message for message in log.messages if any(fault in message for fault in _FAULTS)]
    if faults:
        raise ReportError("the page has faults: " + "; ".join(dict.fromkeys(faults)))
    # What is broken over pages has its anchor on each of them; links lead to the first.
    backwards = reversed([*enumerate(document.pages)])
    return SetPart(len(document.pages), {anchor: number for number, page in backwards for anchor in page.anchors})


@contextmanager
def _numbered(weasyprint: Any, first: Callable[[int], int]) -> Iterator[None]:
    """Number the pages from another number than 1.

    Style sheets can do that only with a number that is known before the pages are laid out. That of a chapter depends
    on how long the others are, and is needed no sooner than for the margins, which are laid out last.
    """
    layout, offset = weasyprint.layout, list[int]()
    laid_out = layout.make_margin_boxes

    def make_margin_boxes(context: Any, page: Any, state: Any) -> Any:
        if not offset:
            offset.append(first(len(context.page_maker) - 1) - 1)
        quotes, counters, *scopes = state
        counters = {**counters, "page": [number + offset[0] for number in counters["page"]]}
        return laid_out(context, page, (quotes, counters, *scopes))

    layout.make_margin_boxes = make_margin_boxes
    try:
        yield
    finally:
        layout.make_margin_boxes = laid_out


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Look for garbage a hundred times less often.

    WeasyPrint's millions of boxes live to the end, and looking through them again and again takes a fifth of its time.
    Memory grows by a tenth.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _import_weasyprint() -> Any:
    """Import WeasyPrint with only the report's own fonts, so that every machine produces the same pages."""
    for weight in (400, 600):
        true_type_file("inter", weight)
    config = CONVERTED / "fonts.conf"
    write_text(
        config,
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig><dir>{escape(str(CONVERTED))}</dir><cachedir>{escape(str(CONVERTED / 'cache'))}</cachedir>"
        "</fontconfig>\n",
    )
    os.environ["FONTCONFIG_FILE"] = str(config)
    as_it_was = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import weasyprint
    except OSError:
        raise ReportError(
            f"the PDF needs system libraries: run 'sudo apt-get install --no-install-recommends {LIBRARIES}'"
        ) from None
    # It lets Pillow take pictures that are cut off as whole, in all of the process.
    ImageFile.LOAD_TRUNCATED_IMAGES = as_it_was
    return weasyprint


def _retag_formulas(_document: Any, pdf: Any) -> None:
    """Tag the pictures of formulas as formulas, because WeasyPrint tags all images as figures."""
    for item in pdf.objects:
        alt = item.get("Alt") if isinstance(item, dict) else None
        if alt is not None and item.get("S") == "/Figure" and "Formula:" in _text(alt):
            item["S"] = "/Formula"


def _text(value: Any) -> str:
    return str(getattr(value, "string", value))


class _Log(logging.Handler):
    """Keeps the messages of WeasyPrint."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self.messages.append(record.getMessage())
