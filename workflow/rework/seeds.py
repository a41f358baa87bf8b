"""Seeds derived from names, so that adding or reordering runs never changes the seed of another run."""

import hashlib


def derive_seed(global_seed: int, *names: str | int) -> int:
    """Return a 63-bit seed that depends on the global seed and every name, in order.

    The purpose of the random numbers (``"weights"``, ``"order"``, …) is one of the names, so that two uses of the
    same run never share a stream.
    """
    text = "\x1f".join([str(global_seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
