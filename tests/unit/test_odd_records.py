"""Whatever a record holds, verifying it ends with findings, never with a traceback."""

import copy
import json
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rework.auditing import staleness
from rework.auditing.edition import audit_edition
from rework.auditing.expected import expected_records
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.errors import DataError, ReworkError
from rework.publishing import publish
from rework.record_shapes import SIDECAR, read_shaped
from rework.recorded import write_record
from rework.report.manifest import made_entry
from small_results import finished
from workflow_copy import REPOSITORY

TEXTS = st.text(st.characters(exclude_categories=()), max_size=5) | st.sampled_from(
    ["", "/", "..", "a/../b", "\0", "\ud800", "x" * 5000, "0" * 64, "dataset.json", "record_sha256"]
)
NUMBERS = st.sampled_from([0, -1, 10**400, 0.5, 1e308, float("inf"), float("nan")])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """A finished edition, what was published of it, and all their records with their contents."""
    plan = finished(tmp_path_factory.mktemp("odd"))
    published = Plan(plan.catalogue, "full", plan.results.parent / "reference")
    for writeup in plan.catalogue.writeups:
        publish(plan, writeup, published.results)
    records = sorted([*plan.results.rglob("*.json"), *published.results.rglob("*.json")])
    return Edition(plan, published, {path: json.loads(path.read_text()) for path in records})


@dataclass(frozen=True, repr=False)
class Edition:
    plan: Plan
    published: Plan
    records: dict


def places(value, place=()):
    """Return the place of every part of a parsed record, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, item in inner for found in places(item, (*place, key)))]


def replaced(content, place, new):
    """Return a record with another value in one place."""
    if not place:
        return new
    content = copy.deepcopy(content)
    holder = content
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = new
    return content


def audited(plan, published):
    """Return all findings in an edition and in what was published of it."""
    found = audit_edition(plan, plan.catalogue.data_dir).findings
    return {**found, **audit_edition(published, None, published=True).findings}


@given(data=st.data(), new=ANYTHING, sealed=st.booleans())
def test_any_value_in_any_place_of_a_record_is_a_finding_or_nothing(edition, data, new, sealed):
    path = data.draw(st.sampled_from(sorted(edition.records)))
    content = edition.records[path]
    content = replaced(content, data.draw(st.sampled_from(places(content))), new)
    before = path.read_bytes()
    try:
        try:
            write_record(path, content) if sealed else path.write_text(json.dumps(content))
        except (ValueError, TypeError):
            path.write_text(json.dumps(content))
        findings = audited(edition.plan, edition.published)
        assert all(said.isprintable() and len(said) < 2000 for said in findings.values())
    finally:
        path.write_bytes(before)


@given(content=st.binary(max_size=50) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000 + b"]" * 100_000)
@example(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
@example(b'{"a":' * 60 + b"1" + b"}" * 60)
@example(b'{"outputs": null}')
@example(b'{"provenance": null}')
@example(b"9" * 5000)
@example(b'{"record_sha256": "", "a": NaN}')
@example(b'{"record_sha256": "", "a": "\\ud800"}')
def test_any_file_is_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "record.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"record\.json") as refused:
        read_shaped(path, SIDECAR)
    assert "\n" not in str(refused.value)


CATALOGUE = load_catalogue(REPOSITORY, {"without": []})
REFERENCE = Plan(CATALOGUE, "full", REPOSITORY / "results" / "reference")
OF_EACH_KIND = {item.kind: item for item in expected_records(REFERENCE) if item.record.is_file()}


@given(data=st.data(), new=ANYTHING, kind=st.sampled_from(sorted(OF_EACH_KIND)))
def test_no_value_in_any_place_stops_the_search_for_stale_results(tmp_path_factory, data, new, kind):
    item = OF_EACH_KIND[kind]
    content = json.loads(item.record.read_text())
    content.pop("record_sha256", None)
    content.pop("record_format", None)
    place = data.draw(st.sampled_from(places(content)))
    path = tmp_path_factory.mktemp("odd") / "record.json"
    path.write_text(json.dumps(replaced(content, place, new)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(staleness, "expected_records", lambda _: [replace(item, record=path)])
        found = staleness.stale_results(REFERENCE)
    assert all(reason.isprintable() for result in found for reason in result.reasons)
    if kind == "artefacts":
        with suppress(ReworkError):
            made_entry(CATALOGUE.artefact("full", item.name), read_shaped(path, SIDECAR))
