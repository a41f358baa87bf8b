"""How the C library keeps the memory that this process has freed."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's mallopt
_LARGEST_KEPT, _KEPT = 32 << 20, 256 << 20


def keep_freed_memory() -> None:
    """Keep up to 256 MiB of freed memory for what is allocated next, instead of giving it back to the system.

    Torch frees the activations of each batch and allocates as much for the next. Where glibc maps large blocks one by
    one, or cuts off the end of the heap, the system fills the same pages with zeros again and again: a third of the
    processor time of an evaluation. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, _KEPT)
