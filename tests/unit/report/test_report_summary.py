"""The summary lists what is worth looking at, and counts the rest."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.catalogue import load_catalogue
from rework.report.collect import VERDICTS, collect
from rework.report.pages import render
from rework.report.summary import LISTED, summary_groups
from workflow_copy import REPOSITORY

REFERENCE = REPOSITORY / "results" / "reference"


def values_of(artefact, verdicts):
    return [
        {"artefact": {"id": artefact}, "verdict": verdict, "place": place} for place, verdict in enumerate(verdicts)
    ]


@given(st.lists(st.sampled_from(VERDICTS), max_size=3 * LISTED), st.lists(st.sampled_from(VERDICTS), max_size=5))
def test_every_value_is_listed_or_counted_once(many, few):
    values = values_of("a/many", many) + values_of("a/few", few)
    groups = summary_groups(values)
    assert [group.artefact["id"] for group in groups] == [name for name, of in (("a/many", many), ("a/few", few)) if of]
    for group, verdicts in zip(groups, [of for of in (many, few) if of], strict=True):
        assert Counter(value["verdict"] for value in group.listed) + Counter(group.others) == Counter(verdicts)
        assert len(group.listed) <= LISTED
        assert [value["place"] for value in group.listed] == sorted(value["place"] for value in group.listed)
        if len(verdicts) > LISTED:
            assert {value["verdict"] for value in group.listed} <= {"differs"}
        else:
            assert group.others == {}


@pytest.mark.slow
@pytest.mark.parametrize("verdict", ["reproduced", "not run"])
def test_a_sweep_of_thousands_takes_few_lines_of_the_summary(verdict):
    report = collect(load_catalogue(REPOSITORY), "reference", REFERENCE)
    entry = next(entry for entry in report.entries if entry["id"] == "fashion-captions/dropout-table")
    template = next(value for value in entry["values"] if value["published"] is not None)
    values = [{**template, "key": f"run-{number}", "verdict": verdict} for number in range(3000)]
    values[1700]["verdict"] = "differs"
    entries = [{**entry, "values": values} if other is entry else other for other in report.entries]
    page = render(replace(report, entries=entries), "html", "")
    summary = re.search(r'<section id="summary".*?</section>', page, re.DOTALL).group()
    plain = re.sub(r"<[^>]+>", "", summary)
    assert summary.count("<tr>") < 300
    assert "2999 other values: " in plain or "2999 values" in plain
    assert "1 other value" not in plain
