"""The operations of a pickle, looked through before it is opened: none may ask for memory or time without bound."""

import pickletools

from rework.errors import DataError

MOST_REMEMBERED = 1_000_000  # values; the official batches remember some 20,000
_KEEP = {"PUT", "BINPUT", "LONG_BINPUT"}
_FETCH = {"GET", "BINGET", "LONG_BINGET"}
_TUPLES = {"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}


def check_operations(content: bytes, where: str) -> None:
    """Refuse a pickle whose operations have no bound in its size; nothing of it is built.

    An unpickler makes a table as large as the largest number under which a value is remembered. A tuple that is used
    twice can be doubled again and again, and is then hashed for years as the key of a dictionary.

    Raises:
        DataError: it does that.
        Exception: it is truncated or damaged.
    """
    tuples: set[int] = set()
    count = 0
    before = ""
    for operation, argument, _ in pickletools.genops(content):
        name = operation.name
        if name in _KEEP or name == "MEMOIZE":
            number = count if name == "MEMOIZE" else int(str(argument))
            count += 1
            if not 0 <= number < MOST_REMEMBERED or count > MOST_REMEMBERED:
                raise _refused(where, f"numbers a value {number:,}, expected less than {MOST_REMEMBERED:,}")
            tuples |= {number} if before in _TUPLES else set()
        elif name == "DUP" or (name in _FETCH and argument in tuples):
            raise _refused(where, "uses a tuple twice, which these files have no need of")
        before = name


def _refused(where: str, what: str) -> DataError:
    return DataError(f"{where}: this pickle {what}; fetch it again from the official page")
