"""Results that today's code, packages, configuration or data would make anew: right when they were made, not today's.

Snakemake knows this only of results that it made itself in this folder. Here it is told from the records alone, so that
it can be said of published results too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.auditing.audit import Audit
from rework.auditing.expected import Expected, expected_records
from rework.auditing.installed import pins
from rework.auditing.places import FILE, what_is
from rework.catalogue.plan import Plan
from rework.earlier import earlier_description, same_description
from rework.errors import ConfigError
from rework.provenance import ENVIRONMENTS, code_fingerprint, environment, packages_hash
from rework.shapes import printable

CODE, PACKAGES, DATA = "other code than today's", "other packages than today's", "other data than today's"
SETTINGS, SEED = "other settings than today's", "another seed than today's"
ENVIRONMENT = "another Python or platform than today's"
NOT_RECORDED = "packages that older code did not record"
_OF_SEEDS, _OF_DATA = ("seed", "global_seed", "seeds"), ("assets", "data")
"""Keys of what records say that have a reason of their own; the files of a data set are its data."""
NOT_COMPARED = (
    "not compared, because no record holds them: the options and seeds of data sets and artefacts, the code of "
    "generated raw files; 'snakemake --dry-run' compares them for results that it made in this folder"
)


@dataclass(frozen=True)
class Stale:
    """A result that is not today's: what it is, the file that says how it was made, and why it is not."""

    kind: str
    name: str
    record: Path
    reasons: tuple[str, ...]


def stale_results(plan: Plan, audit: Audit | None = None) -> list[Stale]:
    """Return the results that are not today's.

    A record that cannot be read is not among them: ``audit_edition`` reports it.

    Args:
        plan: the files of the edition.
        audit: the state of an audit of it, which has read the records.
    """
    state, today = audit or Audit(), environment()
    found = []
    for expected in expected_records(plan):
        content = state.read(expected.record, expected.shape)
        reasons = () if content is None else map(printable, _reasons(plan, state, expected, content, today))
        stale = Stale(expected.kind, expected.name, expected.record, tuple(reasons))
        if stale.reasons:
            found.append(stale)
    return found


def grouped(stale: list[Stale]) -> dict[tuple[str, str], list[str]]:
    """Return the names of stale results, by their kind and by why they are stale."""
    found: dict[tuple[str, str], list[str]] = {}
    for result in stale:
        for reason in result.reasons:
            names = found.setdefault((result.kind, reason), [])
            if result.name not in names:
                names.append(result.name)
    return found


def _reasons(
    plan: Plan, audit: Audit, expected: Expected, content: Mapping[str, Any], today: Mapping[str, Any]
) -> Iterator[str]:
    said = content.get("provenance", content)
    if "code" not in said:  # a report of older code
        return
    try:
        code = code_fingerprint(f"rework.steps.{expected.step}", *expected.modules)
    except ConfigError:
        code = ""  # a module that is no more
    if said["code"] != code:
        yield CODE
    yield from _packages(expected, content, said, today)
    yield from _settings(expected, content)
    if any(not _is_todays(plan, audit, name, digest) for name, digest in said.get("inputs", {}).items()):
        yield DATA


def _packages(
    expected: Expected, content: Mapping[str, Any], said: Mapping[str, Any], today: Mapping[str, Any]
) -> Iterator[str]:
    """Compare the packages with the pins; a record of older code may hold the versions of the main ones at least."""
    there = content.get("environment", {})
    if said.get("packages") != packages_hash(expected.family):
        pinned, versions = pins(ENVIRONMENTS / f"{expected.family}.yaml"), there.get("packages", {})
        other = [f"{name} {version}" for name, version in versions.items() if pinned.get(name, version) != version]
        if other:
            yield f"{PACKAGES} ({', '.join(sorted(other))})"
        else:
            yield PACKAGES if "packages" in said else NOT_RECORDED
    names = [key for key in ("python", "platform") if there.get(key, today[key]) != today[key]]
    if names:
        yield f"{ENVIRONMENT} ({', '.join(str(there[key]) for key in names)})"


def _settings(expected: Expected, content: Mapping[str, Any]) -> Iterator[str]:
    """Compare the settings that a record holds; what an older one does not hold is not compared."""
    recorded = expected.recorded(content)
    keys = [key for key, value in expected.settings.items() if key in recorded and not _same(value, recorded[key])]
    if expected.kind == "trainings":
        keys += sorted(set(recorded).difference(expected.settings))
    else:
        if set(_OF_DATA).intersection(keys):
            yield DATA
        keys = [key for key in keys if key not in _OF_DATA]
    if set(_OF_SEEDS).intersection(keys):
        yield SEED
    others = [key for key in keys if key not in _OF_SEEDS]
    if others:
        yield f"{SETTINGS} ({', '.join(others)})"


def _same(expected: Any, recorded: Any) -> bool:
    """Return whether two settings are the same; a checksum that nobody published is not compared."""
    if isinstance(expected, list) and isinstance(recorded, list):
        return len(expected) == len(recorded) and all(map(_same, expected, recorded))
    if isinstance(expected, dict) and isinstance(recorded, dict) and expected.get("sha256", "") is None:
        return _same({**expected, "sha256": ""}, {**recorded, "sha256": ""})
    return bool(expected == recorded)


def _is_todays(plan: Plan, audit: Audit, name: str, digest: str) -> bool:
    """Return whether a file that was read is still what it was, as far as it is there."""
    path = plan.results / name
    # What is beside the record was made with it, and arrays and weights have descriptions of their own.
    if "/" not in name or path.suffix not in (".json", ".csv") or what_is(path) != FILE or audit.digest(path) == digest:
        return True
    before = earlier_description(path, digest)
    return what_is(before) == FILE and same_description(before, path)
