"""Parts of the report: numbers as text, marks, formulas, listings, plots on a page, the table of values."""

import base64
import csv
import io
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.errors import ReportError
from rework.messages import plural
from rework.report import formulas
from rework.report.counting import VERDICTS
from rework.report.figures import TALL, plot, shape
from rework.report.formatting import duration, interval, number, of_combinations, told
from rework.report.formulas import Formula, typeset
from rework.report.marks import COLOURS, deviation, mark, units_off, verdict_bar
from rework.report.tables import COLUMNS, metrics_csv
from workflow_copy import REPOSITORY


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (None, "", None, "–"),
        (0.9092, "%", None, "90.92\u202f%"),
        (0.5, "%", 0, "50\u202f%"),
        (10298, "", None, "10\u202f298"),
        (-3, "", None, "\u22123"),
        (3.2e-12, "", None, "3.2e\u221212"),
        (0.52461, "", None, "0.5246"),
        (2.0, "", 1, "2.0"),
        ("words", "%", None, "words"),
    ],
)
def test_numbers_read_as_in_print(value, unit, decimals, text):
    assert number(value, unit, decimals) == text


@given(st.floats(-1e5, 1e5, allow_nan=False))
def test_a_printed_number_is_near_the_number(value):
    text = number(value).replace("\u2212", "-").replace("\u202f", "")
    assert math.isclose(float(text), value, rel_tol=0.06, abs_tol=1e-12)


def test_durations_and_plurals():
    assert [duration(seconds) for seconds in (5, 300, 7200)] == ["5 s", "5 min", "2.0 h"]
    assert [plural(count, "seed") for count in (1, 3)] == ["1 seed", "3 seeds"]


def a_value(published=0.9, mean=0.91, tolerance=0.01, verdict="reproduced", **more):
    found = {
        "mean": mean,
        "low": mean - 0.005,
        "high": mean + 0.005,
        "interval": "t",
        "values": [mean],
        "seeds": [0, 1],
    }
    return {
        "key": "run",
        "metric": "test_accuracy",
        "label": "a run",
        "unit": "%",
        "published": published,
        "tolerance": tolerance,
        "relation": "=",
        "reproduced": found,
        "verdict": verdict,
        "power": None,
        "remarks": [],
        **more,
    }


def drawing_of(markup):
    return base64.b64decode(re.search(r'base64,([^"]+)"', str(markup))[1]).decode()


def test_only_several_seeds_have_an_interval():
    assert interval(a_value()) == "90.50 to 91.50\u202f%"
    assert interval({"reproduced": None}) == "–"
    for kind in ("exact", "none"):
        value = a_value()
        value["reproduced"]["interval"] = kind
        assert interval(value) == "–"


def test_what_the_seeds_can_tell_is_said():
    power = {"deviation": 0.002, "caught": 0.015, "undecided": True, "seeds_to_decide": 7, "as_far": 0.3}
    assert told(a_value(power=power)) == (
        "Standard deviation 0.20\u202f%; a mean 1.50\u202f% off would differ; 7 seeds would decide; "
        "a single run lies as far from our mean with probability 0.30."
    )
    assert "with probability below 0.01." in told(a_value(power={**power, "as_far": 0.004}))
    assert "would decide" not in told(a_value(power={**power, "undecided": False, "seeds_to_decide": None}))
    assert "more than a thousand seeds would decide" in told(a_value(power={**power, "seeds_to_decide": None}))
    assert told(a_value(power=None)) == "One seed has no interval: it can decide nothing."
    assert told(a_value(reproduced=None, power=None)) == ""
    stored = a_value(power=None)
    stored["reproduced"]["seeds"] = []
    assert told(stored) == "It has no seeds, and so no interval: it can decide nothing."


@pytest.mark.parametrize(
    ("published", "words"), [(0.5, "none of our 20 runs are as low"), (0.82, "1 of our 20 runs is as low"), (0.97, "2")]
)
def test_of_many_runs_those_beyond_a_published_value_are_counted(published, words):
    value = a_value(power={"deviation": 0.1, "caught": 0.2, "undecided": False, "seeds_to_decide": None, "as_far": 0.9})
    value["published"], value["reproduced"]["mean"] = published, 0.9
    value["reproduced"]["values"] = [0.81 + n / 100 for n in range(20)]
    assert words in told(value)
    assert "probability" not in told(value)


@pytest.mark.parametrize(
    ("share", "counted", "words"),
    [
        (0, 9, "none"),
        (1, 9, "all"),
        (24 / 27, 27, "24"),
        (0.5 / 4, 4, "0.5"),
        (0, 101, "0.0\u202f%"),
        (0.125, 625, "12.5\u202f%"),
    ],
)
def test_few_combinations_are_counted_and_many_are_a_share(share, counted, words):
    assert of_combinations(share, counted) == words


def test_the_deviation_is_in_units_of_the_tolerance():
    assert units_off(0.915, a_value()) == pytest.approx(1.5)
    assert units_off(5, a_value(published=5, tolerance=0)) == 0
    assert units_off(6, a_value(published=5, tolerance=0)) == math.inf
    assert 'alt="+1.00 tolerances from the published value"' in deviation(a_value())
    assert "circle" in drawing_of(deviation(a_value()))
    assert "circle" not in drawing_of(deviation(a_value(mean=0.99)))  # an arrow head, since it is off the scale
    assert 'alt="not measured"' in deviation(a_value(reproduced=None, verdict="not run"))


def test_every_verdict_has_a_shape_of_its_own():
    words = VERDICTS
    shapes = {drawing_of(mark(word)).replace(COLOURS[word], "") for word in words}
    assert len(shapes) == len(words)
    assert all(f'alt="{word}"' in mark(word) for word in words)


def test_the_bar_is_as_wide_as_its_parts():
    drawing = drawing_of(verdict_bar({"reproduced": 3, "differs": 1, "not run": 0}))
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="12" fill', drawing)]
    assert widths == pytest.approx([502.5, 167.5, 0])


def test_a_formula_is_typeset_once_and_then_taken_from_the_cache(tmp_path, monkeypatch):
    wanted = [Formula(r"\frac{W-K+2P}{S}+1", True), Formula("x^2", False)]
    first = typeset(wanted, tmp_path)
    ElementTree.fromstring(first[wanted[0]].svg)
    assert "vertical-align" in first[wanted[1]].style
    monkeypatch.setattr(formulas, "_run_mathjax", lambda _: pytest.fail("typeset again"))
    assert typeset(wanted, tmp_path) == first


def test_a_wrong_formula_is_named(tmp_path):
    with pytest.raises(ReportError, match=r"frac\{1.*cannot be typeset"):
        typeset([Formula(r"\frac{1", True)], tmp_path)


def test_plots_share_a_page_without_sharing_ids(tmp_path):
    path = tmp_path / "plot.svg"
    path.write_text(
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><defs><path id="a" d="M0 0"/></defs>'
        '<use href="#a" style="fill:#123456" clip-path="url(#a)"/></svg>'
    )
    inline = str(plot(path, "one/figure", 'a "plot"', inline=True))
    assert 'id="one-figure-a"' in inline
    assert 'href="#one-figure-a"' in inline
    assert "url(#one-figure-a)" in inline
    assert "currentColor" in inline
    assert "#123456" not in inline
    ElementTree.fromstring(inline)
    image = str(plot(path, "one/figure", 'a "plot"', inline=False))
    assert "#123456" not in drawing_of(image)
    assert 'alt="a &#34;plot&#34;"' in image


def svg_file(folder, width, height, rows=1):
    """Write a plot of the given size in points, with panels one above the other as matplotlib draws them."""
    step = height / rows
    axes = "".join(
        f'<g id="axes_{row + 1}"><path d="M 20 {row * step + 5} L 60 {(row + 1) * step - 5} z"/></g>'
        for row in range(rows)
    )
    path = folder / "plot.svg"
    path.write_text(
        f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}pt" height="{height}pt"><g id="w-plot-figure_1"><g id="patch_1"/>{axes}</g></svg>'
    )
    return path


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(331.2, 180, "narrow"), (482.4, 180, ""), (482.4, TALL, "tall"), (355.68, 163, "small"), (331.2, 400, "narrow")],
)
def test_a_plot_is_laid_out_by_its_size(tmp_path, width, height, expected):
    assert shape(svg_file(tmp_path, width, height)) == expected


def test_a_plot_without_a_size_is_laid_out_as_it_is(tmp_path):
    path = tmp_path / "plot.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert shape(path) == ""
    assert str(plot(path, "one/figure", "a plot", inline=False)).count("<img") == 1


def test_the_rows_of_a_tall_plot_are_pictures_of_their_own_in_the_pdf(tmp_path):
    tall = svg_file(tmp_path, 482.4, 400, rows=4)
    images = str(plot(tall, "one/figure", "a plot", inline=False))
    assert re.findall(r'alt="([^"]*)"', images) == [f"a plot (row {row} of 4)" for row in (1, 2, 3, 4)]
    assert str(plot(tall, "one/figure", "a plot", inline=True)).count("<svg") == 1
    assert str(plot(svg_file(tmp_path, 482.4, 200, rows=2), "one/figure", "a plot", inline=False)).count("<img") == 1


def test_the_table_of_values_leaves_empty_what_was_not_run():
    entries = [
        {"id": "w/table", "values": [a_value()]},
        {"id": "w/other", "values": [a_value(reproduced=None, verdict="not run")]},
    ]
    rows = list(csv.DictReader(io.StringIO(metrics_csv(entries))))
    assert list(rows[0]) == COLUMNS
    assert rows[0]["reproduced"] == "0.91"
    assert rows[0]["seeds"] == "0 1"
    assert rows[1]["reproduced"] == ""
    assert rows[1]["verdict"] == "not run"


def test_no_blank_is_lost_between_sentences_on_two_lines():
    """A template's line break after a block goes, so a paragraph that continues there needs a blank of its own."""
    lost = re.compile(r"\{% (?:endif|endfor) %\}\n *(?=\{%|[A-Za-z<{])")
    chapters = sorted((REPOSITORY / "report" / "chapters").rglob("*.j2"))
    assert len(chapters) > 5
    for path in chapters:
        for paragraph in re.findall(r"<p>.*?</p>", path.read_text(), flags=re.DOTALL):
            assert not lost.search(paragraph), f"{path.name}: {paragraph[:60]}"
