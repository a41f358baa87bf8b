"""Step ``report``: it is the report of the configuration that was planned, or there is none."""

from types import SimpleNamespace

import pytest
from rework.catalogue.plan import Plan
from rework.cli import main
from rework.errors import ReportError
from rework.steps import report as step
from workflow_copy import REPOSITORY

EMPTY = SimpleNamespace(entries=[], edition="full", counts={}, records={}, configuration="")


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Return a function that builds a page without content, and the plan that belongs to the configuration."""
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(step, "collect", lambda *_: EMPTY)
    monkeypatch.setattr(step, "render", lambda *_: "page")

    def build(planned, overrides=()):
        step.build_report("full", tmp_path, dict(overrides), ("page",), planned)
        return (tmp_path / "report" / "report.html").read_text().partition("<!-- manifest ")[0]

    return build, Plan(step.load_catalogue({}), "full", tmp_path)


def test_the_planned_configuration_is_rendered_wherever_the_results_lie(built):
    build, plan = built
    elsewhere = Plan(plan.catalogue, "full", plan.results / "elsewhere")
    assert build(plan.digest()) == build(elsewhere.digest()) == build(None) == "page"


def test_a_changed_configuration_is_refused_in_one_line_and_nothing_is_written(built, tmp_path):
    build, plan = built
    with pytest.raises(ReportError) as refused:
        build(plan.digest(), {"global_seed": 5})
    assert "was changed after this report was planned" in str(refused.value)
    assert "call snakemake again" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "report").exists()


@pytest.mark.usefixtures("built")
def test_another_digest_on_the_command_line_ends_the_step(capsys, tmp_path):
    command = ["report", "--edition", "full", "--results", str(tmp_path), "--only", "page", "--plan", "0" * 64]
    assert main(command) == 2
    assert "was changed after this report was planned" in capsys.readouterr().err


@pytest.mark.parametrize("processes", ["0", "-1"])
def test_no_processes_are_refused(processes, capsys):
    assert main(["report", "--edition", "sample", f"--processes={processes}"]) == 2
    assert f"--processes: found {processes}, expected a whole number from 1 on" in capsys.readouterr().err


@pytest.mark.parametrize("fails", ["html", "pdf", "write_pdf"])
def test_what_cannot_be_rendered_whole_replaces_nothing(built, monkeypatch, tmp_path, fails):
    build, _ = built
    build(None)
    before = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}

    def broken(*words):
        if fails == "write_pdf" or fails in words:
            raise ReportError("not today")
        return "another page"

    monkeypatch.setattr(step, "render", broken if fails != "write_pdf" else lambda *_: "another page")
    monkeypatch.setattr(step, "write_pdf", broken)
    with pytest.raises(ReportError, match="not today"):
        step.build_report("full", tmp_path, {})
    assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
