"""Step ``verify``: what it prints, how it ends, and that the commands that it prints work."""

import re

import pytest
from rework.auditing import advice
from rework.auditing.advice import command, damaged_files
from rework.auditing.commands import RESULTS, Commands
from rework.auditing.installed import differences_from_lock, pins
from rework.auditing.retraining import Retrained
from rework.auditing.staleness import CODE, Stale
from rework.cli import main
from rework.steps import verify as step
from small_results import finished, write
from workflow_copy import REPOSITORY


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A finished edition, which the step takes for that of the configuration."""
    plan = finished(tmp_path)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "Snakefile", "")
    monkeypatch.setattr(step, "load_catalogue", lambda _: plan.catalogue)
    monkeypatch.setattr(step, "stale_results", lambda *_: [])
    monkeypatch.setattr(step, "differences_from_lock", lambda _: [])
    return plan


@pytest.mark.usefixtures("plan")
def test_an_edition_as_recorded_ends_well(capsys):
    assert main(["verify"]) == 0
    assert re.search(r"^full: \d+ files hashed, 0 problems$", capsys.readouterr().out, re.MULTILINE)


def test_damaged_results_are_named_with_the_command_that_makes_them(plan, capsys):
    for name in ("history.csv", "weights.safetensors"):
        (plan.results / "runs/first/cnn/seed0" / name).write_text("changed")
    (plan.results / "artefacts/first/table.csv").unlink()
    assert main(["verify"]) == 2
    said = capsys.readouterr()
    assert "full: what is damaged or missing is made by: snakemake --cores 8 --force " in said.out
    assert "error: 3 problems in results" in said.err
    assert main(["verify", "--list", "damaged"]) == 0
    # One file of each result: its job makes the others.
    assert capsys.readouterr().out.splitlines() == [
        "results/full/runs/first/cnn/seed0/history.csv",
        "results/full/artefacts/first/table.csv",
    ]


def test_stale_results_are_no_problem_and_have_a_command(plan, capsys, monkeypatch):
    record = plan.results / "artefacts/first/table.json"
    stale = Stale("artefacts", "first/table", record.relative_to(plan.results.parents[1]), (CODE,))
    monkeypatch.setattr(step, "stale_results", lambda *_: [stale])
    assert main(["verify"]) == 0
    said = capsys.readouterr().out
    assert "full: artefacts made with other code than today's, 1: first/table\n" in said
    assert "snakemake --cores 8 all --config edition=full --forcerun results/full/artefacts/first/table.json\n" in said
    assert main(["verify", "--list", "stale"]) == 0
    assert capsys.readouterr().out == "results/full/artefacts/first/table.json\n"


@pytest.mark.usefixtures("plan")
def test_packages_other_than_the_locked_ones_are_a_remark(capsys, monkeypatch):
    monkeypatch.setattr(step, "differences_from_lock", lambda _: ["numpy 1.0 (locked: 2.0)"])
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.startswith("packages other than those of requirements.txt: numpy 1.0 (locked: 2.0);")


def test_installed_packages_are_compared_with_a_lock(tmp_path):
    lock = tmp_path / "requirements.txt"
    here = pins(REPOSITORY / "requirements.txt")
    lock.write_text(
        f"numpy=={here['numpy']} \\\n    --hash=sha256:0\npandas==0.1\nno-such-package==1.0\n# jinja2==0.1\n"
    )
    missing, other = differences_from_lock(lock)
    assert missing == "no-such-package is not installed (locked: 1.0)"
    assert re.fullmatch(r"pandas \S+ \(locked: 0\.1\)", other)


@pytest.mark.usefixtures("plan")
def test_retrained_runs_have_a_line_each_and_one_that_differs_is_a_problem(capsys, monkeypatch):
    monkeypatch.setattr(
        step, "retrain", lambda _, run, seed, *__: Retrained(run, seed, "differs in x", run == "first/cnn")
    )
    assert main(["verify", "--retrain", "3", "--choice", "mine"]) == 2
    said = capsys.readouterr()
    assert "full: trains 3 runs again, chosen by the name 'mine'" in said.out
    assert said.out.count("differs in x") == 3
    assert "error: 1 problems" in said.err


@pytest.mark.usefixtures("plan")
def test_an_edition_that_is_not_there_is_said(capsys):
    assert main(["verify", "--edition", "sample"]) == 2
    assert "no results of sample" in capsys.readouterr().err


def test_many_files_are_listed_by_another_call(monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    files = [RESULTS / "sample" / str(number) for number in range(advice.NAMED + 1)]
    assert command(Commands(), "sample", "stale", files) == (
        "snakemake --cores 8 sample --forcerun $(python -m rework verify --edition sample --list stale)"
    )


def test_damage_to_what_no_rule_makes_has_no_command(plan):
    assert damaged_files(plan, [plan.results / "notes.txt", plan.results / "report/report.pdf"]) == [
        plan.results / "report/report.pdf"
    ]
