"""The summary lists what is worth looking at, and counts the rest."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.catalogue import load_catalogue
from rework.report.collect import collect
from rework.report.counting import VERDICTS, computed, computed_counts, counts, distinct
from rework.report.pages import render
from rework.report.summary import LISTED, summary_groups
from workflow_copy import REPOSITORY

REFERENCE = REPOSITORY / "results" / "reference"


def a_value(artefact, place, verdict):
    """Return a value as the report has it; what is exact, and only that, was computed."""
    kind = "exact" if verdict == "exact" else "t"
    reproduced = None if verdict == "not run" else {"interval": kind}
    whole = {"subject": f"{artefact}/{place}", "metric": "loss", "reproduced": reproduced}
    return {**whole, "artefact": {"id": artefact}, "verdict": verdict, "place": place}


def values_of(artefact, verdicts):
    return [a_value(artefact, place, verdict) for place, verdict in enumerate(verdicts)]


MEASURED = [verdict for verdict in VERDICTS if verdict != "exact"]


@given(st.lists(st.sampled_from(MEASURED), max_size=3 * LISTED), st.lists(st.sampled_from(MEASURED), max_size=5))
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


def test_what_is_computed_comes_last_and_is_only_counted():
    values = values_of("a/counts", ["exact"] * 3) + values_of("a/runs", ["reproduced"])
    first, last = summary_groups(values)
    assert (first.artefact["id"], len(first.listed)) == ("a/runs", 1)
    assert (last.artefact["id"], last.listed, last.others) == ("a/counts", [], {"exact": 3})


def test_a_value_that_several_artefacts_show_counts_once_with_its_worst_verdict():
    first, again = a_value("a/one", 0, "reproduced"), a_value("a/two", 0, "within tolerance")
    again["subject"] = first["subject"]
    another = {**again, "metric": "accuracy"}
    assert distinct([first, again, another]) == [again, another]
    found = counts([first, again, another, a_value("a/count", 0, "exact")])
    assert {verdict: count for verdict, count in found.items() if count} == {"within tolerance": 2, "exact": 1}


def test_the_values_of_one_printed_log_count_once_with_the_worst_verdict():
    log = [{**a_value("a/one", n, verdict), "log": "a run"} for n, verdict in enumerate(["reproduced", "differs"])]
    same = {**a_value("a/two", 0, "reproduced"), "log": "a run"}
    other = {**a_value("b/one", 0, "reproduced"), "log": "a run"}
    assert distinct([*log, same, other]) == [log[1], other], "another writeup's log is another one"
    assert counts([*log, same, other])["differs"] == 1


def test_only_what_has_no_chance_is_computed():
    assert computed(a_value("a", 0, "exact"))
    assert not any(computed(a_value("a", 0, verdict)) for verdict in MEASURED)


def test_what_is_computed_and_differs_is_told_from_what_was_measured():
    counted = {**a_value("a/count", 0, "exact"), "verdict": "differs"}
    values = [counted, a_value("a/count", 1, "exact"), a_value("a/run", 0, "differs"), a_value("a/run", 1, "not run")]
    assert counts(values)["differs"] == 2
    assert computed_counts(values) == {"exact": 1, "differs": 1}


def test_the_first_sentence_counts_every_published_value_once():
    report = collect(load_catalogue(REPOSITORY, {"without": []}), "reference", REFERENCE)
    lead = re.sub(r"\s+", " ", render(report, "html", "").partition('<p class="lead">')[2].partition("</p>")[0])
    first, computed_ones = re.findall(r"Of (\d+) published values|Another (\d+) values", lead)
    assert int(first[0]) + int(computed_ones[1]) == sum(report.counts.values())
    assert f"{report.computed_counts['exact']} are exact and {report.computed_counts['differs']} differ." in lead


@pytest.mark.slow
@pytest.mark.parametrize("verdict", ["reproduced", "not run"])
def test_a_sweep_of_thousands_takes_few_lines_of_the_summary(verdict):
    report = collect(load_catalogue(REPOSITORY), "reference", REFERENCE)
    entry = next(entry for entry in report.entries if entry["id"] == "fashion-captions/dropout-table")
    template = next(value for value in entry["values"] if value["published"] is not None)
    values = [
        {**template, "key": f"run-{number}", "subject": f"run-{number}", "verdict": verdict} for number in range(3000)
    ]
    values[1700]["verdict"] = "differs"
    entries = [{**entry, "values": values} if other is entry else other for other in report.entries]
    page = render(replace(report, entries=entries), "html", "")
    summary = re.search(r'<section id="summary".*?</section>', page, re.DOTALL).group()
    plain = re.sub(r"<[^>]+>", "", summary)
    assert summary.count("<tr") < 300
    assert "2999 other values: " in plain or "2999 values" in plain
    assert "1 other value" not in plain
