"""Listings: named objects as they stand in their file, in lines that fit the page, to be copied as they are."""

import html
import importlib
import inspect
import os
import re
import subprocess
import sys

import pytest
from rework.errors import ReportError
from rework.report import pages, pdf
from rework.report.listings import NORMAL_COLUMNS, excerpts, listing
from workflow_copy import REPOSITORY

SOURCES = [
    source
    for chapter in sorted((pages.FOLDER / "chapters").glob("*.j2"))
    for source in re.findall(r'show\.source\("([^"]+)"', chapter.read_text())
]
NETWORK = "rework.numpy_network.network"


def text_of(source):
    """Return what a reader copies from a listing."""
    return html.unescape(re.sub(r"<[^>]+>", "", str(listing(source))))


def test_the_chapters_have_listings():
    assert len(SOURCES) >= 10


@pytest.mark.parametrize("source", ["Layer.forward", "Network", "Network.xavier", "Network.backward"])
def test_a_listing_is_the_source_of_the_object(source):
    found = importlib.import_module(NETWORK)
    for name in source.split("."):
        found = getattr(found, name)
    assert text_of(f"{NETWORK}:{source}") == inspect.getsource(found)


def test_several_objects_come_in_the_order_of_their_names():
    whole = text_of(f"{NETWORK}:Network.scores, Layer.forward")
    assert whole == text_of(f"{NETWORK}:Network.scores") + text_of(f"{NETWORK}:Layer.forward")


def test_decorators_belong_to_an_object_and_constants_are_objects():
    (layer,) = excerpts(f"{NETWORK}:Layer")
    assert layer.lines[0] == "@dataclass(frozen=True)"
    (table,) = excerpts("rework.numpy_network.activations:ACTIVATIONS")
    assert table.lines[0] == "ACTIVATIONS = {"
    assert table.lines[-1] == "}"
    (field,) = excerpts(f"{NETWORK}:Layer.activation")
    assert field.lines == ("    activation: str",)


@pytest.mark.parametrize("source", SOURCES)
def test_the_numbers_are_those_of_the_file(source):
    module = source.partition(":")[0]
    file = (REPOSITORY / "workflow" / (module.replace(".", "/") + ".py")).read_text().splitlines()
    shown = excerpts(source)
    numbers = [
        int(number) for part in re.findall(r'data-numbers="([\d\n]+)"', str(listing(source))) for number in part.split()
    ]
    assert [file[number - 1] for number in numbers] == [line for excerpt in shown for line in excerpt.lines]
    assert text_of(source).splitlines() == [file[number - 1] for number in numbers]


@pytest.mark.parametrize("source", SOURCES)
def test_a_listing_shows_an_object_and_not_a_module(source):
    lines = sum(len(excerpt.lines) for excerpt in excerpts(source))
    assert 1 <= lines <= 60, "more than a page"


def test_long_lines_are_set_smaller():
    assert 'class="listing"' in listing(f"{NETWORK}:Layer.forward")
    wide = next(source for source in SOURCES if any(len(line) > NORMAL_COLUMNS for line in text_of(source).split("\n")))
    assert 'class="listing wide"' in listing(wide)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("rework.models.no_such_model:build", "rework.models.no_such_model has no source: no such module"),
        ("no_such_package.module:build", "no_such_package.module has no source: no such module"),
        ("module:build", "module has no source: no such module"),
        (NETWORK, f"{NETWORK} names no objects; expected 'module:object, object'"),
        (f"{NETWORK}: ", "names no objects"),
        (f"{NETWORK}:Netwrok", "unknown object 'Netwrok'; expected one of .*Layer.*; did you mean 'Network'"),
        (f"{NETWORK}:Network.forwards", "unknown object 'Network.forwards'; .* did you mean 'Network.forward'"),
        (f"{NETWORK}:Layer,", "unknown object ''"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(source, message):
    with pytest.raises(ReportError, match=message) as caught:
        listing(source)
    assert "\n" not in str(caught.value)


def test_no_model_is_imported_to_be_listed():
    program = (
        "import sys; from rework.report.listings import listing; "
        "listing('rework.models.letter_cnn:LetterCNN'); sys.exit('torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow")}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0


def test_parts_are_short_and_none_is_lonely():
    parts = re.findall(r'data-numbers="([\d\n]+)"', str(listing(f"{NETWORK}:Network")))
    sizes = [len(part.split()) for part in parts]
    assert sum(sizes) == len(excerpts(f"{NETWORK}:Network")[0].lines)
    assert all(2 <= size <= 6 for size in sizes)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [NORMAL_COLUMNS, 120])
def test_lines_fit_the_page_and_are_set_as_they_are(columns, tmp_path, monkeypatch):
    line = ('def arrow(fi: int) -> "ffi": ' + "# internationalisation >= reproducibility != " * 4)[:columns]
    module = tmp_path / "lines" / "module.py"
    module.parent.mkdir()
    (module.parent / "__init__.py").touch()
    module.write_text(f"{line}\n    return fi\n")
    monkeypatch.syspath_prepend(tmp_path)
    shown = listing("lines.module:arrow")
    listing.cache_clear()
    page = f'<html lang="en"><style>{pages._css("pdf")}</style><main>{shown}</main>'
    document = pdf._import_weasyprint().HTML(string=page).render()
    (page,) = document.pages
    (frame,) = (
        box
        for box in page._page_box.descendants()
        if box.element is not None and (box.element.get("class") or "").startswith("listing")
    )
    lines = {}
    for box in frame.descendants():
        if getattr(box, "text", None) and not (box.element_tag or "").endswith("::before"):
            lines.setdefault(round(box.position_y), []).append(box)
            assert box.position_x + box.width <= frame.position_x + frame.border_width()
            assert box.style["hyphens"] == "none"
            assert box.style["font_variant_ligatures"] == "none"
    assert ["".join(box.text for box in row) for row in lines.values()] == [line, "    return fi"]
