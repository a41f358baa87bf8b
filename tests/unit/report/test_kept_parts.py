"""Chapters of the PDF that are taken from an earlier build give the bytes of one that sets them all."""

import os
import re
from collections import Counter

import pytest
from rework.report import kept_parts, parts, pdf

pytestmark = pytest.mark.slow

HEAD = (
    '<!doctype html><html lang="en"><head><title>t</title><style>'
    "@page { size: 240mm 160mm; @bottom-right { content: counter(page) } }"
    "</style></head><body>"
)


def text(**changed):
    """Return a report of three chapters of two pages; a keyword gives one of them other pages."""
    pages = {"one": ["a", "b"], "two": ["c", "d"], "three": ["e", "f"], **changed}
    chapters = (
        f'<section><h1 id="{name}">Chapter {name}</h1>{"<p style=break-before:page>".join(words)}</section>'
        for name, words in pages.items()
    )
    return parts.MARK.join([HEAD, '<main><h1>Front</h1><a href="#two">two</a>', *chapters])


class Builder:
    """Builds reports with one folder of kept chapters, in this process, and counts what is set."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.set = Counter()
        set_part = pdf._set_part

        def counted(weasyprint, html, *others, **options):
            self.set[re.search("<h1[^>]*>(?:Chapter )?([^<]+)", html)[1]] += 1
            return set_part(weasyprint, html, *others, **options)

        def one_by_one(jobs, _processes, _sizes):
            done, first = [], 1
            for job in jobs:
                done.append(job(lambda _, first=first: first))
                first += done[-1].length
            return done

        monkeypatch.setattr(pdf, "_set_part", counted)
        monkeypatch.setattr(pdf, "run_numbered", one_by_one)

    def __call__(self, html, kept=True):
        self.set.clear()
        path = self.folder / "report.pdf"
        pdf.write_pdf(html, path, "a,b", kept_in=self.folder / "kept" if kept else None)
        return path.read_bytes()


@pytest.fixture
def build(tmp_path, monkeypatch):
    return Builder(tmp_path, monkeypatch)


def test_what_did_not_change_is_not_set_again(build):
    plain = build(text(), kept=False)
    assert build(text()) == plain
    assert build.set == {"Front": 1, "one": 1, "two": 1, "three": 1}
    assert build(text()) == plain
    assert build.set == {"Front": 1}


def test_a_changed_chapter_is_set_and_those_whose_pages_move(build):
    build(text())
    changed = text(two=["c", "other"])
    found = build(changed)
    assert build.set == {"Front": 1, "two": 1}
    assert found == build(changed, kept=False)
    longer = text(two=["c", "d", "more"])
    found = build(longer)
    assert build.set == {"Front": 1, "two": 1, "three": 1}
    assert found == build(longer, kept=False)


@pytest.mark.parametrize("harm", ["one bit of the PDF", "no PDF", "no JSON", "another shape", "a folder"])
def test_what_is_harmed_is_set_anew(build, harm):
    plain = build(text())
    for record in (build.folder / "kept").glob("*.json"):
        file = record.with_suffix(".pdf")
        if harm == "one bit of the PDF":
            content = bytearray(file.read_bytes())
            content[100] ^= 1
            file.write_bytes(content)
        elif harm in ("no PDF", "a folder"):
            file.unlink()
            if harm == "a folder":
                file.mkdir()
        else:
            record.write_text("{" if harm == "no JSON" else '{"first": 1, "part": {"pages": 3}, "sha256": 5}')
    assert build(text()) == plain
    assert build.set == {"Front": 1, "one": 1, "two": 1, "three": 1}


def test_chapters_set_by_other_code_or_packages_are_not_found(build, monkeypatch):
    build(text())
    monkeypatch.setattr(pdf, "code_fingerprint", lambda *_: "other")
    build(text())
    assert build.set == {"Front": 1, "one": 1, "two": 1, "three": 1}


def test_where_nothing_can_be_kept_the_report_is_built_all_the_same(build):
    (build.folder / "kept").write_text("a file where the folder should be")
    assert build(text()) == build(text(), kept=False)


def test_the_parts_used_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_parts, "MOST", 2)
    kept = kept_parts.KeptParts(tmp_path, "code")
    for second, name in enumerate("abc"):
        kept.keep(name, kept_parts.KeptPart(1, kept_parts.SetPart(2, {"x": 0}), name.encode()))
        os.utime(kept._paths(name)[0], (second, second))
    kept.used("a")
    kept.drop_oldest()
    assert [kept.find(name) is not None for name in "abc"] == [True, False, True]
    assert len([*tmp_path.iterdir()]) == 4
    assert kept.find("c") == kept_parts.KeptPart(1, kept_parts.SetPart(2, {"x": 0}), b"c")
