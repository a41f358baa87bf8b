"""What decoders raise becomes one declared error: foreign code may raise anything for a damaged file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rework.errors import DataError, ReworkError
from rework.messages import short_reason


@contextmanager
def declared(where: str | Path, what: str, advice: str = "") -> Iterator[None]:
    """Turn whatever a decoder raises into a declared error; declared ones pass.

    Args:
        where: the name of the file in messages.
        what: the phrase about a file that cannot be decoded, such as "not a whole zip archive".
        advice: what to do about it.

    Raises:
        DataError: the file is missing, a folder or not readable, or the decoder raised something. The message is one
            line with a short quotation.
    """
    then = f"; {advice}" if advice else ""
    try:
        yield
    except ReworkError:
        raise
    except FileNotFoundError:
        raise DataError(f"{where}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{where}: a folder, expected a file") from None
    except PermissionError:
        raise DataError(f"{where}: no permission to read it") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: {what} (a name or text in it is not in {error.encoding}){then}") from None
    except OSError as error:
        # Decoders raise it too, with a text of their own in place of the system's.
        reason = os.strerror(error.errno) if error.errno else short_reason(error)
        raise DataError(f"{where}: {what} ({reason}){then}") from None
    except Exception as error:
        reason = short_reason(error)
        raise DataError(f"{where}: {what} ({reason}){then}") from None


def read_bounded(path: Path, largest: int) -> bytes:
    """Return the content of a file.

    Raises:
        DataError: it is missing, cannot be read, or has more than ``largest`` bytes.
    """
    with declared(path, "cannot be read"), path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        content = stream.read(largest + 1) if size <= largest else b""
    if max(size, len(content)) > largest:
        raise DataError(f"{path}: {max(size, len(content)):,} bytes, expected at most {largest:,}")
    return content
