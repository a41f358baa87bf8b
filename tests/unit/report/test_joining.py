"""A report that is set in parts is one document: its pages, numbers, links, bookmarks and tags."""

import re
import subprocess

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.errors import ReportError
from rework.report import parts, pdf

pytestmark = pytest.mark.slow

HEAD = (
    '<!doctype html><html lang="en"><head><title>t</title><style>'
    "@page { size: 240mm 160mm; @bottom-right { content: counter(page) } }"
    "h1 { bookmark-level: 1 } li a::after { content: ' on page ' attr(data-page) }"
    "</style></head><body>"
)
LENGTHS = {"one": 3, "two": 1, "three": 2}


def chapter(name, others):
    links = "".join(
        f'<p><a href="#{other}-end">see {other}</a> and <a href="#{name}-end">below</a>' for other in others
    )
    pages = '<p style="break-before: page">more'.join([links] + ["" for _ in range(LENGTHS[name] - 1)])
    return f'<section id="{name}-whole"><h1 id="{name}">Chapter {name}</h1>{pages}<p id="{name}-end">The end.</section>'


def text(entries=("one", "two", "three")):
    contents = "".join(f'<li><a href="#{name}-end">{name}</a> <a href="#{name}-whole">of</a></li>' for name in entries)
    front = f"<main><h1>Front</h1><ul>{contents}</ul>"
    return parts.MARK.join([HEAD, front, *(chapter(name, LENGTHS) for name in LENGTHS)])


@pytest.fixture(scope="module", params=[1, 2])
def made(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("joined") / "report.pdf"
    pdf.write_pdf(text(), path, "a,b", processes=request.param)
    with pikepdf.open(path) as document:
        yield path, document


def words(path):
    """Return the text of each page, if poppler is there."""
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def anchors(document):
    names = list(document.Root.Names.Dests.Names)
    numbers = {page.obj.objgen: number for number, page in enumerate(document.pages)}
    return {str(name): numbers[target[0].objgen] for name, target in zip(names[::2], names[1::2], strict=True)}


def test_all_pages_are_there_and_labelled(made):
    _, document = made
    assert len(document.pages) == 1 + sum(LENGTHS.values())
    assert [page.label for page in document.pages] == ["i", "1", "2", "3", "4", "5", "6"]
    assert bytes(document.attachments["metrics.csv"].get_file().read_bytes()) == b"a,b"


def test_every_anchor_is_on_its_page_and_every_link_leads_to_one(made):
    _, document = made
    found = anchors(document)
    assert {name: found[f"{name}-end"] for name in LENGTHS} == {"one": 3, "two": 4, "three": 6}
    assert list(found) == sorted(found), "a name tree is sorted"
    links = [note for page in document.pages for note in page.obj.get("/Annots", ())]
    assert len(links) == 6 * 2 + 3 * 2 * 3  # those of the contents have their number besides
    for link in links:
        assert "/A" not in link
        assert str(link.Dest) in found
        assert str(link.Contents) == str(link.Dest)


def test_bookmarks_are_one_list(made):
    _, document = made
    with document.open_outline() as outline:
        assert [str(item.title) for item in outline.root] == ["Front", "Chapter one", "Chapter two", "Chapter three"]
    assert document.Root.Outlines.Count == 4


def test_the_tags_of_all_parts_are_one_tree(made):
    """From a page or a link to its element and back, and from the root down to each element."""
    _, document = made
    tree = document.Root.StructTreeRoot
    numbers = list(tree.ParentTree.Nums)
    keys, entries = [int(key) for key in numbers[::2]], numbers[1::2]
    assert keys == list(range(len(keys)))
    below, stack = set(), list(tree.K)
    while stack:
        element = stack.pop()
        below.add(element.objgen)
        kids = element.get("/K", ())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen
                stack.append(kid)
    assert len(tree.K) == 1
    for page in document.pages:
        elements = entries[int(page.obj.StructParents)]
        assert len(elements) > 1
        # WeasyPrint puts what is in the margins, which is one number here, into no tree.
        assert sum(element.objgen not in below for element in elements) == 1
        for note in page.obj.get("/Annots", ()):
            element = entries[int(note.StructParent)]
            assert element.objgen in below
            assert any(
                isinstance(kid, pikepdf.Dictionary) and "/Obj" in kid and kid.Obj.objgen == note.objgen
                for kid in element.K
            )


def test_the_numbers_that_are_printed_are_those_of_the_contents(made):
    path, document = made
    try:
        pages = words(path).split("\f")
    except FileNotFoundError:
        pytest.skip("needs pdftotext")
    # What is broken over pages is on the first of them.
    found = re.findall(r"(\w+) on page (\d+)\s+of on page (\d+)", pages[0])
    assert found == [("one", "3", "1"), ("two", "4", "4"), ("three", "6", "5")]
    assert [page.split()[-1] for page in pages[1:-1]] == ["1", "2", "3", "4", "5", "6"]
    assert len(document.pages) == len(pages) - 1


def test_the_number_of_processes_changes_no_byte(tmp_path):
    for processes in (1, 3):
        pdf.write_pdf(text(), tmp_path / f"{processes}.pdf", "a,b", processes)
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "3.pdf").read_bytes()


def test_a_link_that_leads_nowhere_is_a_fault(tmp_path):
    with pytest.raises(ReportError, match="No anchor #nowhere-end"):
        pdf.write_pdf(text(["nowhere"]), tmp_path / "report.pdf", "")
    assert not list(tmp_path.iterdir())


def test_an_anchor_of_two_parts_is_a_fault(tmp_path):
    with pytest.raises(ReportError, match="Anchor defined twice: one-end"):
        pdf.write_pdf(text() + '<p id="one-end">Again.', tmp_path / "report.pdf", "")


def test_a_fault_in_a_chapter_is_told_as_one_in_the_front(tmp_path):
    page = text() + '<p style="font-family: Inter">\u0e01</p>'
    with pytest.raises(ReportError, match="notdef"):
        pdf.write_pdf(page, tmp_path / "report.pdf", "", processes=2)


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=4), min_size=1, max_size=5))
def test_only_links_to_other_parts_become_addresses(ids):
    part = "".join(f'<p id="{name}"><a href="#{name}">x</a></p>' for name in ids)
    assert parts.with_pages(part, {}) == part
    linked = parts.with_pages(part + '<a href="#c">y</a>', {"c": 7})
    assert linked == f'{part}<a href="{parts.ELSEWHERE}c" data-page="7">y</a>'
    assert parts.with_pages('<a href="#c">y</a>', {}) == f'<a href="{parts.ELSEWHERE}c">y</a>'
