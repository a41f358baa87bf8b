"""The whole report, rendered from the committed reference results: manifest, HTML page and PDF."""

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pikepdf
import pytest
from PIL import ImageFile
from rework.catalogue.catalogue import load_catalogue
from rework.errors import ReportError
from rework.files import sha256_file
from rework.page_seals import Seal, read_seal
from rework.publication import publication_file
from rework.report import pdf
from rework.report.collect import collect
from rework.report.manifest import manifest
from rework.report.pages import render
from rework.report.tables import metrics_csv
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow

REFERENCE = REPOSITORY / "results" / "reference"
WRITEUP = "ocr"
CATALOGUE = load_catalogue(REPOSITORY, {"without": []})


@pytest.fixture(scope="module")
def report():
    return collect(CATALOGUE, "reference", REFERENCE)


@pytest.fixture(scope="module")
def page(report):
    return render(report, "html", metrics_csv(report.entries))


def build(folder, **environment):
    """Render the report of one writeup of the reference, because a PDF takes long, in a process of its own.

    The test of the sample edition sets the chapters of all writeups.
    """
    folder = folder / "reference"
    shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("report", "artefacts", "published"))
    shutil.copytree(REFERENCE / "artefacts" / WRITEUP, folder / "artefacts" / WRITEUP)
    (folder / "published").mkdir()
    shutil.copy(publication_file(REFERENCE, WRITEUP), publication_file(folder, WRITEUP))
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow"), **environment}
    command = [sys.executable, "-m", "rework", "report", "--edition", "reference", "--results", str(folder)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "report"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("build"), PYTHONHASHSEED="1", TZ="UTC")


def test_the_manifest_has_every_artefact_and_no_empty_reason(report):
    entries = manifest(report.entries, "reference")["artefacts"]
    assert [entry["id"] for entry in entries] == list(CATALOGUE.artefact_ids())
    for entry in entries:
        assert entry["status"] in ("built", "not run")
        if entry["status"] == "not run":
            assert entry["reason"].endswith(".")
            assert entry["verdict"] == "not run"
            assert all(value["reproduced"] is None for value in entry["values"])
        else:
            assert entry["files"]
            assert entry["provenance"]["code"]


def test_every_listed_file_has_the_listed_hash(report):
    files = [(entry, file) for entry in report.entries for file in entry["files"]]
    assert files
    for entry, file in files:
        path = REFERENCE / "artefacts" / entry["writeup"] / file["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]


def test_the_counts_add_up_to_the_published_values(report):
    declared = sum(len(CATALOGUE.artefact("full", name).published) for name in CATALOGUE.artefact_ids())
    assert len(report.values) == declared
    ones = {
        (value["artefact"]["writeup"], value["log"]) if value["log"] else (value["subject"], value["metric"])
        for value in report.values
    }
    assert sum(report.counts.values()) == len(ones)
    assert sum(report.counts.values()) < declared, "some values stand in several artefacts"


def test_a_missing_artefact_stops_the_full_report(tmp_path):
    shutil.copytree(REFERENCE, tmp_path / "full")
    (tmp_path / "full/artefacts/fashion-captions/best-loss.json").unlink()
    there = {path.relative_to(REFERENCE / "artefacts") for path in (REFERENCE / "artefacts").glob("*/*.json")}
    built = [name for name in CATALOGUE.artefact_ids() if CATALOGUE.artefact("full", name).not_run is None]
    missing = len(built) - len(there) + 1
    with pytest.raises(ReportError, match=rf"{missing} declared artefacts have no result.*fashion-captions/best-loss"):
        collect(CATALOGUE, "full", tmp_path / "full")


class Page(HTMLParser):
    """Collects what a page refers to, and pictures without a text."""

    def __init__(self):
        super().__init__()
        self.references, self.ids, self.anchors, self.silent = [], [], [], []
        self.depth = 0  # of drawings inside of drawings, such as tall brackets in a formula

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("src", "href", "data", "poster", "srcset", "xlink:href"):
            if name in given:
                self.references.append(given[name])
        if tag == "a" and given.get("href", "").startswith("#"):
            self.anchors.append(given["href"][1:])
        if tag == "img" and not given.get("alt"):
            self.silent.append(given.get("class"))
        if tag == "svg":
            if not self.depth and not given.get("aria-label"):
                self.silent.append("svg")
            self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= tag == "svg"


def test_the_page_asks_for_nothing_and_names_every_picture(page):
    found = Page()
    found.feed(page)
    assert all(reference.startswith(("#", "data:")) for reference in found.references)
    assert not re.search(r"url\(\s*[\"']?(?!data:|#|[\"'])", page.partition("</style>")[0])
    assert not found.silent
    assert sorted(found.ids) == sorted(set(found.ids))
    assert set(found.anchors) <= set(found.ids)


def test_a_chapter_ends_with_the_settings_that_its_runs_had_and_the_code_that_was_consulted(report, page):
    sections = re.finditer(r'<section class="chapter" id="(.*?)".*?</section>', page, re.DOTALL)
    chapters = {found[1]: found[0] for found in sections}
    for chapter in report.chapters:
        text = chapters[chapter.writeup.id]
        assert text.count("<h2>Settings and their sources</h2>") == (1 if chapter.settings else 0)
        assert all(html.escape(reference["repository"]) in text for reference in chapter.writeup.references)
        for run in report.runs:
            if run.id.startswith(f"{chapter.writeup.id}/"):
                assert f"<td>data.dataset</td><td>{run.settings['data']['dataset']}<" in text
                assert f"<td>epochs</td><td>{run.settings['epochs']}<" in text or not run.settings["epochs"]
    pictures = chapters["mnist-cifar"]
    assert pictures.count("Adam at 0.001 (best 78.4 %, after 12 epochs)") == 1
    assert "<b>Assumed:</b>" in pictures


def test_a_substitute_is_told_of_once_in_a_chapter(report, page):
    sentences = {
        (entry["writeup"], sentence)
        for entry in report.entries
        if entry["status"] == "built"
        for data in entry["data"]
        for sentence in data["substitutes"]
    }
    assert sentences
    told = re.findall(r'<span id="substitute-\d+">([^<]*)</span>', page)
    assert sorted(html.unescape(sentence) for sentence in told) == sorted(sentence for _, sentence in sentences)
    assert '<strong class="warn">substitute</strong>, see <a href="#substitute-1">' in page


def test_the_page_says_of_each_value_what_the_manifest_says(report, page):
    assert page.count('class="not-run"') + page.count("<tr id=") >= sum(e["status"] != "built" for e in report.entries)
    for claim in (claim for entry in report.entries for claim in entry.get("claims", [])):
        assert claim["result"] in page


def test_another_hash_seed_and_time_zone_give_the_same_bytes(built, tmp_path):
    other = build(tmp_path, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    for name in ("report.pdf", "report.html", "manifest.json", "metrics.csv"):
        assert (built / name).read_bytes() == (other / name).read_bytes(), name


def test_the_pdf_is_tagged_and_carries_the_values(built):
    with pikepdf.open(built / "report.pdf") as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en"
        assert (
            bytes(document.attachments["metrics.csv"].get_file().read_bytes()) == (built / "metrics.csv").read_bytes()
        )
        with document.open_outline() as outline:
            titles = [str(item.title) for item in outline.root]
        kinds = {}
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and "/S" in item and str(item.S) in ("/Figure", "/Formula"):
                assert str(item.get("/Alt", "")), "a picture without a text"
                kinds.setdefault(str(item.S), []).append(str(item.Alt))
    assert titles[-1] == "Appendix"
    assert any("convolutional networks" in title for title in titles)
    assert kinds["/Figure"]
    assert kinds["/Formula"]
    assert all(alt.startswith("Formula: ") for alt in kinds["/Formula"])
    assert not any(alt.startswith("Formula: ") for alt in kinds["/Figure"])


def test_page_and_pdf_state_the_hash_of_the_manifest_and_their_own(built):
    anchor = sha256_file(built / "manifest.json")
    assert f"<code>{anchor}</code>" in (built / "report.html").read_text()
    for name in ("report.html", "report.pdf"):
        assert read_seal(built / name) == Seal(anchor, whole=True)
    records = json.loads((built / "manifest.json").read_text())["records"]
    assert {f"artefacts/{WRITEUP}/depth-table.json", f"runs/{WRITEUP}/cnn-2/seed0/provenance.json"} <= set(records)
    for name, digest in records.items():
        assert sha256_file(built.parent / name) == digest


def test_a_published_artefact_that_is_missing_is_an_error_and_not_left_out(built, tmp_path):
    results = tmp_path / "reference"
    shutil.copytree(built.parent, results, ignore=shutil.ignore_patterns("report"))
    (results / "artefacts" / WRITEUP / "depth-table.json").unlink()
    with pytest.raises(ReportError, match=f"1 published artefacts are missing .*: {WRITEUP}/depth-table; 'git restore"):
        collect(CATALOGUE, "reference", results)


def test_a_published_run_that_is_missing_is_an_error(built, tmp_path):
    results = tmp_path / "reference"
    shutil.copytree(built.parent, results, ignore=shutil.ignore_patterns("report"))
    shutil.rmtree(results / "runs" / WRITEUP / "cnn-2" / "seed0")
    with pytest.raises(ReportError, match=r"cnn-2/seed0: provenance\.json and metrics\.json missing"):
        collect(CATALOGUE, "reference", results)


def test_no_path_of_this_machine_is_in_the_report(built):
    for name in ("report.html", "manifest.json"):
        text = (built / name).read_text()
        assert str(REPOSITORY) not in text
        assert str(built) not in text


def test_missing_libraries_are_one_clear_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    class Broken:
        def find_spec(self, name, *_):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(ReportError, match=r"apt-get install .*libpangoft2-1\.0-0"):
        pdf.write_pdf("<p>", REPOSITORY / "never.pdf", "")


def test_pictures_that_are_cut_off_stay_refused_after_a_pdf(tmp_path):
    """WeasyPrint changes this for the whole process when it is imported."""
    pdf.write_pdf("<html lang=en><title>A page</title><p>Text.", tmp_path / "page.pdf", "")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_fault_of_the_page_is_an_error(tmp_path):
    with pytest.raises(ReportError, match="notdef"):
        pdf.write_pdf(
            '<html lang="en"><title>t</title><p style="font-family: Inter">\u0e01</p>', tmp_path / "a.pdf", ""
        )


def test_a_page_with_faults_replaces_no_pdf(tmp_path):
    (tmp_path / "a.pdf").write_text("the one before")
    with pytest.raises(ReportError, match="No anchor"):
        pdf.write_pdf('<html lang="en"><title>t</title><p><a href="#nowhere">a</a>', tmp_path / "a.pdf", "")
    assert (tmp_path / "a.pdf").read_text() == "the one before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_the_sample_edition_says_so(report):
    from dataclasses import replace

    text = render(replace(report, edition="sample"), "html", "")
    assert "generated data and few epochs" in text
