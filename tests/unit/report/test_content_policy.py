"""The page runs its own script and nothing else, and asks nobody for anything."""

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser

import pytest
from rework.catalogue.catalogue import load_catalogue
from rework.errors import DataError
from rework.report.collect import collect
from rework.report.pages import content_policy, render
from rework.report.tables import metrics_csv
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The scripts, handlers, policy and loaded addresses of a page."""

    LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction")

    def __init__(self, text):
        super().__init__()
        self.scripts, self.handlers, self.policies, self.loaded, self.inside = [], [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.handlers += [name for name in found if name.startswith("on")]
        self.loaded += [found[name] for name in self.LOADING if name in found]
        if tag in ("image", "use", "link", "base"):
            self.loaded += [value for name, value in found.items() if name.endswith("href")]
        if found.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(found["content"])
        self.inside = tag if tag in ("script", "style") else None

    def handle_endtag(self, _tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        elif self.inside == "style":
            self.loaded += [address.strip("'\"") for address in re.findall(r"url\(([^)]*)\)", data)]


def some_results(folder):
    """Copy the published results of two writeups with plots, pictures and formulas."""
    published = REPOSITORY / "results" / "reference"
    shutil.copytree(published, folder, ignore=shutil.ignore_patterns("report", "artefacts", "published"))
    for writeup in ("mnist-cifar", "fashion-captions"):
        shutil.copytree(published / "artefacts" / writeup, folder / "artefacts" / writeup)
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = some_results(tmp_path_factory.mktemp("policy") / "reference")
    report = collect(load_catalogue(REPOSITORY, {"without": []}), "reference", folder)
    return {mode: render(report, mode, metrics_csv(report.entries)) for mode in ("html", "pdf")}


def allowed(policy):
    return {words[0]: words[1:] for words in map(str.split, policy.split(";"))}


def test_the_policy_lets_the_page_do_what_it_does_and_no_more(page):
    found = Page(page["html"])
    (policy,) = found.policies
    rules = allowed(policy)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found.scripts]
    assert rules["script-src"] == [f"'sha256-{digest}'" for digest in hashes], "one script, as it stands in the page"
    assert "showModal" in found.scripts[0], "it is not escaped"
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == rules["font-src"] == ["data:"]
    assert found.handlers == [], "the policy would not run them"
    assert found.loaded
    assert {address[:5] for address in found.loaded if not address.startswith("#")} == {"data:"}
    assert page["html"].index("Content-Security-Policy") < page["html"].index("<style")


def test_the_pdf_has_neither(page):
    found = Page(page["pdf"])
    assert (found.policies, found.scripts) == ([], [])


def test_a_drawing_that_was_changed_is_not_made_a_part_of_the_page(tmp_path):
    folder = some_results(tmp_path / "reference")
    report = collect(load_catalogue(REPOSITORY, {"without": []}), "reference", folder)
    drawing = next((folder / "artefacts").rglob("*.svg"))
    drawing.write_text(drawing.read_text().replace("</svg>", "<script>alert(1)</script></svg>"))
    with pytest.raises(DataError, match=f"{drawing.name}: its SHA-256 is not the one in"):
        render(report, "html", metrics_csv(report.entries))


def test_another_script_is_another_policy():
    assert content_policy("one") != content_policy("two")
