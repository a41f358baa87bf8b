"""Records read with their shapes: whatever a file holds, a reader gets what it can look things up in, or one error.

A record can be damaged, edited by hand or made by someone else's program: every part may be of any type, or nested
deeper than Python follows. Each kind of record has its shape here, so that no reader has to ask.
"""

from pathlib import Path
from typing import Any

from rework.recorded import RecordError, read_record
from rework.shapes import (
    HASH,
    HASHES,
    NAME,
    NUMBER,
    NUMBER_OR_NULL,
    OBJECT,
    OBJECT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TRUTH,
    WHOLE,
    Each,
    Fits,
    Items,
    Keys,
    problem,
)

DEEPEST = 50
"""How many objects and lists of a record may be in each other; ours have ten."""
MADE = {"step": TEXT, "code": HASH}
MADE_OPTIONAL = {"packages": HASH, "lock": HASH, "inputs": HASHES, "outputs": HASHES}
"""Of how a result was made. Older code named the hash of the whole lock file in place of that of the packages."""
PROVENANCE = Keys(MADE, MADE_OPTIONAL)
ASSET = Keys({"id": NAME, "file": NAME, "sha256": HASH}, {"substitute": TEXT_OR_NULL, "comparable": TRUTH})
ARRAY = Keys({"file": NAME, "sha256": HASH}, {"shape": Items(WHOLE), "dtype": TEXT})
SPLIT = Each(TEXT, Fits(lambda value: not isinstance(value, dict) or not problem(value, ARRAY), "sizes and arrays"))

DATASET = Keys(
    {"name": TEXT, "sample": TRUTH, "assets": Items(ASSET), "notes": Items(TEXT), "provenance": PROVENANCE},
    {"layout": TEXT, "splits": Each(TEXT, SPLIT), "classes": Items(TEXT)},
)
GENERATED = Keys({"name": TEXT, "outputs": HASHES})
MODEL = Keys({"model": OBJECT, "layers": Items(OBJECT), "parameters": WHOLE, "provenance": PROVENANCE})
WEIGHTS = Keys({"name": TEXT, "sample": TRUTH, "assets": Items(ASSET), "provenance": PROVENANCE})
RUN_SETTINGS = Keys({"writeup": TEXT, "run": TEXT, "seed": WHOLE})
TRAINING = Keys(
    {
        **MADE,
        "outputs": HASHES,
        "inputs": HASHES,
        "settings": RUN_SETTINGS,
        "environment": Keys({"packages": Each(TEXT, TEXT_OR_NULL)}, {"python": TEXT, "platform": TEXT, "cpu": TEXT}),
        "device": TEXT,
        "precision": TEXT,
        "threads": WHOLE,
        "parameters": WHOLE,
        "steps": WHOLE,
        "seconds": NUMBER,
    },
    MADE_OPTIONAL,
)
METRICS = Keys(
    {
        "run": TEXT,
        "seed": WHOLE,
        "metrics": Each(TEXT, Keys({"value": NUMBER, "n": WHOLE})),
        "dataset": Keys({"name": TEXT, "sha256": HASH, "sample": TRUTH}),
        "provenance": PROVENANCE,
    },
    {"units": Each(TEXT, TEXT)},
)
READING = Keys({"run": TEXT, "seed": WHOLE, "pages": TEXT, "provenance": PROVENANCE})
ESTIMATE = Keys(
    {"mean": NUMBER, "values": Items(NUMBER), "seeds": Items(WHOLE)},
    {"low": NUMBER_OR_NULL, "high": NUMBER_OR_NULL, "interval": TEXT},
)
VALUE = Keys({"key": TEXT, "metric": TEXT, "reproduced": ESTIMATE}, {"label": TEXT, "unit": TEXT})
READ_RUNS = Items(Keys({"run": TEXT, "seeds": Items(WHOLE)}, {"label": TEXT, "length": TEXT}))
USED_DATA = Items(
    Keys({"name": TEXT, "sha256": HASH}, {"comparable": TRUTH, "sample": TRUTH, "substitutes": Items(TEXT)})
)
SIDECAR = Keys(
    {
        "id": TEXT,
        "kind": TEXT,
        "status": TEXT,
        "caption": TEXT,
        "alt": TEXT,
        "comparable": TRUTH,
        "values": Items(VALUE),
        "table": OBJECT_OR_NULL,
        "facts": OBJECT,
        "runs": READ_RUNS,
        "data": USED_DATA,
        "files": Items(NAME),
        "provenance": Keys({**MADE, "inputs": HASHES, "outputs": HASHES}, MADE_OPTIONAL),
    },
    {
        "reason": TEXT,
        "metrics": Items(Keys({"run": TEXT, "metric": TEXT, "values": Items(NUMBER)}, {"unit": TEXT})),
    },
)
ENTRY = Keys(
    {
        "id": TEXT,
        "status": Fits(lambda value: value in ("built", "not run"), "built or not run"),
        "values": Items(Keys({"key": TEXT, "metric": TEXT, "reproduced": OBJECT_OR_NULL})),
        "runs": READ_RUNS,
        "data": USED_DATA,
        "files": Items(Keys({"file": NAME, "sha256": HASH})),
        "provenance": OBJECT_OR_NULL,
    },
    {"comparable": TRUTH},
)
MANIFEST = Keys({"edition": TEXT, "artefacts": Items(ENTRY)}, {"records": HASHES, "metrics_sha256": HASH})
PUBLICATION = Keys({"writeup": TEXT, "files": HASHES, "left_out": Each(TEXT, TEXT)})


def read_shaped(path: Path, shape: Keys) -> dict[str, Any]:
    """Return the content of a record that has a shape.

    Raises:
        RecordError: it is missing, cannot be read, was changed, or has another shape; the message names the key.
    """
    try:
        content = read_record(path)
    except RecursionError:
        raise RecordError(path, "nested deeper than any record") from None
    except OSError as error:
        raise RecordError(path, f"cannot be read ({error.strerror})") from None
    except (ValueError, OverflowError) as error:  # numbers of thousands of digits, NaN, halves of surrogate pairs
        reason = str(error).splitlines()[0][:100]
        raise RecordError(path, f"not JSON as it is written here ({reason!a})") from None
    found = problem(content, shape) if _depth_is_bounded(content) else f"nested deeper than {DEEPEST} levels"
    if found is not None:
        raise RecordError(path, found)
    return content


def _depth_is_bounded(content: Any) -> bool:
    """Return whether a value is nested no deeper than ``DEEPEST``: what compares and prints it calls itself."""
    level = [content]
    for _ in range(DEEPEST):
        holders = [value for value in level if isinstance(value, dict | list)]
        level = [item for value in holders for item in (value.values() if isinstance(value, dict) else value)]
        if not level:
            return True
    return False
