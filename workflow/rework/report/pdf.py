"""The PDF, by WeasyPrint: tagged, with bookmarks and the metrics attached, and reproducible to the byte."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import ImageFile

from rework.drawing.fonts import CONVERTED, true_type_file
from rework.errors import ReportError
from rework.files import atomic_path, write_text
from rework.page_seals import sealed

LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# Metadata would contain the time of the build; this fixed time is used where a date is required.
EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
# Messages of WeasyPrint that report a fault in the page, not advice.
_FAULTS = ("notdef", "no required alt", "Anchor defined twice", "No anchor", "Failed to load", "will be required")


def write_pdf(html: str, path: Path, metrics: str, manifest: str | None = None) -> None:
    """Write the HTML document as PDF/UA with ``metrics.csv`` attached.

    Args:
        html: the document.
        path: where to.
        metrics: content of ``metrics.csv``.
        manifest: the SHA-256 of its manifest, for its last line; without it, there is none.

    Raises:
        ReportError: system libraries are missing, or WeasyPrint complains about the page.
    """
    weasyprint = _import_weasyprint()
    # The page is self-contained; an address outside it is a fault.
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    log = _Log()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(log)
    try:
        attachment = weasyprint.Attachment(
            string=metrics, name="metrics.csv", description="Every value of this report", created=EPOCH, modified=EPOCH
        )
        with atomic_path(path) as partial, _rare_garbage_collection():
            weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(
                partial,
                pdf_variant="pdf/ua-1",
                pdf_identifier=True,
                attachments=[attachment],
                finisher=_retag_formulas,
            )
            faults = [message for message in log.messages if any(fault in message for fault in _FAULTS)]
            if faults:
                raise ReportError("the page has faults: " + "; ".join(dict.fromkeys(faults)))
            if manifest is not None:
                partial.write_bytes(sealed(partial.read_bytes(), ".pdf", manifest))
    finally:
        logger.removeHandler(log)


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
