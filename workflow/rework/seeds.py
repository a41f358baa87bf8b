"""Seeds derived from names, so that adding or reordering runs never changes the seed of another run."""

import hashlib


def derive_seed(global_seed: int, *names: str | int) -> int:
    """Return a 63-bit seed that depends on the global seed and every name, in order.

    One of the names is the purpose of the random numbers (``"weights"``, ``"order"``, …), so that two uses in the same
    run never share a stream.

    >>> derive_seed(42, "ocr/cnn-2", 0, "weights")
    7150497892019298038
    >>> derive_seed(42, "ocr/cnn-2", 0, "order")
    6927967464460251498
    """
    text = "\x1f".join([str(global_seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
