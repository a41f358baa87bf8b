"""Texts as editors of any system save them: with or without a byte order mark, in UTF-8 or UTF-16."""

import codecs

from rework.errors import DataError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(content: bytes, where: str) -> str:
    r"""Return a text without its byte order mark; ``where`` names it in messages.

    >>> decoded("a\n".encode("utf-16"), "list.txt")
    'a\n'

    Raises:
        DataError: it is neither UTF-8 nor, with a mark, UTF-16.
    """
    coding = next((coding for mark, coding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(coding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where}: not a text in UTF-8 or, with a byte order mark, UTF-16 (byte {error.start}); save it as UTF-8"
        ) from None
