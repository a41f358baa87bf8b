"""Streams of compressed files: what they inflate to is read piece by piece, up to a limit, and checked at its end."""

import gzip
import io
import lzma
from typing import BinaryIO, Protocol

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
XZ_MEMORY = 128 * 2**20  # bytes; `xz -9`, the strongest, needs 65 MiB
_PIECE = 2**16


class Readable(Protocol):
    """What a stream must have."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...


class Inflated:
    """The content of a gzip or an xz file.

    Args:
        packed: the file, at its beginning.
        most: bytes that it may inflate to.

    Raises:
        OSError: the file is neither. ``read`` also raises ``OSError``, ``EOFError``, ``lzma.LZMAError`` or
            ``zlib.error`` where it is damaged, inflates to more, or needs too much memory.
    """

    def __init__(self, packed: BinaryIO, most: int) -> None:
        start = packed.read(len(XZ))
        packed.seek(0)
        self._stream: Readable
        if start.startswith(GZIP):
            self._stream = gzip.GzipFile(fileobj=packed)
        elif start == XZ:
            self._stream = io.BufferedReader(_Xz(packed))
        else:
            raise OSError("expected a gzip or an xz file")
        self._most = most
        self._left = most

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes of the content; none at its end."""
        piece = self._stream.read(min(size, self._left + 1))
        if len(piece) > self._left:
            raise OSError(f"it inflates to more than {self._most:,} bytes")
        self._left -= len(piece)
        return piece

    def finish(self) -> None:
        """Read to the end, where the file's checksum is compared."""
        while self.read(_PIECE):
            pass


class _Xz(io.RawIOBase):
    """Like ``lzma.LZMAFile``, which knows no limit of memory: a header may announce a dictionary of gigabytes."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._decoder.eof:
            piece = self._packed.read(_PIECE) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not piece:
                raise EOFError("it ends too early")
            found = self._decoder.decompress(piece, len(buffer))
            buffer[: len(found)] = found
            if found:
                return len(found)
        if self._decoder.unused_data or self._packed.read(1):
            raise OSError("more bytes follow the end of the content")
        return 0
