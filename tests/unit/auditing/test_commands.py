"""The commands that an audit advises work where they are pasted, with the results and configuration of the user."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rework.auditing.advice import NAMED, command
from rework.auditing.commands import Commands, quoted
from rework.auditing.edition import audit_edition
from rework.cli import main
from rework.files import canonical_json
from rework.steps import verify as step
from small_results import finished, write
from snakemake.cli import parse_config
from workflow_copy import REPOSITORY

FILE = Path("sample/artefacts/ocr/depth-table.json")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a workflow, in which the user is."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "Snakefile", "")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_the_usual_call_has_no_options():
    commands, file = Commands(), Path("results") / FILE
    assert commands.remedy(file) == f"'snakemake --cores 1 {file}' makes it"
    assert commands.verify("full") == "python -m rework verify --edition full"
    assert commands.report(Path("results/reference")) == "make report-reference"
    assert commands.record(Path("results/reference"), "ocr") == "python -m rework publish ocr --only-record"
    assert commands.publish("ocr") == "snakemake --cores 8 publish --config writeup=ocr"
    assert commands.fetch("mnist") == "python -m rework fetch mnist"


def test_other_results_and_overrides_are_in_every_command(home):
    results = Path("my thesis/results")
    commands = Commands(results, {"device": "cpu", "data_dir": "/raw files"})
    where, config = "--directory 'my thesis'", """--config device=cpu 'data_dir=/raw files'"""
    options = """--overrides '{"data_dir":"/raw files","device":"cpu"}'"""
    assert commands.snakemake("--cores 1", results / FILE) == f"snakemake {where} --cores 1 results/{FILE} {config}"
    assert commands.verify("full") == f"python -m rework verify --edition full --results 'my thesis/results' {options}"
    assert commands.record(results / "reference", "ocr") == (
        f"python -m rework publish ocr --only-record --reference 'my thesis/results/reference' {options}"
    )
    assert commands.report(results / "reference") == (
        f"python -m rework report --edition reference --results 'my thesis/results/reference' {options}"
    )
    assert commands.report(results / "full").startswith(f"snakemake {where} --cores 1 --force results/full/report/")
    assert commands.publish("ocr") == f"snakemake {where} --cores 8 publish {config} writeup=ocr"
    assert commands.fetch("mnist") == "python -m rework fetch mnist --data-dir '/raw files'"
    (home / "my thesis/.git").mkdir(parents=True)
    published = results / "reference" / FILE.name
    assert commands.remedy(published) == f"`git restore '{published}'` brings back what was published"


def test_a_user_without_a_workflow_here_is_told_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = Commands().snakemake("--cores 1", Path("results") / FILE)
    assert said == f"snakemake --snakefile {REPOSITORY}/Snakefile --directory {tmp_path} --cores 1 results/{FILE}"


@pytest.mark.usefixtures("home")
def test_what_snakemake_cannot_make_has_no_command_of_it():
    commands = Commands(Path("backup"))
    assert commands.remedy(Path("backup") / FILE) == "snakemake makes it in a folder of the name 'results' only"


@pytest.mark.parametrize(
    "value",
    [
        *(
            "cpu",
            "~/raw",
            "../raw",
            "a b",
            "it's",
            '"',
            "5",
            ".5",
            "nan",
            "a: b",
            "[x]",
            "#5",
            "-1",
            "",
            "é",
            " ",
            "a ",
        ),
        *(["a", "b c"], [], ["5"], {"title": "A: B", "subtitle": ""}, 5, -1, 0.5, 1e-9),
    ],
)
def test_values_are_what_snakemake_reads(value):
    (word,) = shlex.split(Commands(overrides={"key": value}).snakemake("x").partition(" --config ")[2])
    assert parse_config([word]) == {"key": value}
    assert type(parse_config([word])["key"]) is type(value)


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (None, "null"), ([0, 12], "[0,12]")])
def test_words_that_the_workflow_reads_as_they_are_meant(value, text):
    assert Commands(overrides={"key": value}).snakemake("x").endswith(f"--config {shlex.quote(f'key={text}')}")


@pytest.mark.usefixtures("home")
def test_of_many_files_a_call_with_the_same_options_makes_the_list():
    commands = Commands(Path("other/results"), {"device": "cpu"})
    files = [commands.results / "full" / str(number) for number in range(NAMED + 1)]
    listed = "$(python -m rework verify --edition full --results other/results --list damaged --overrides "
    config = """'{"device":"cpu"}') --config device=cpu"""
    assert command(commands, "full", "damaged", files) == (
        f"snakemake --directory other --cores 8 --force {listed}{config}"
    )
    few = "snakemake --directory other --cores 8 all --config device=cpu edition=full --forcerun results/full/0"
    assert command(commands, "full", "stale", files[:1]) == few


def test_an_edition_that_was_asked_for_does_not_change_the_one_that_is_made():
    said = command(Commands(overrides={"edition": "sample"}), "full", "stale", [])
    assert "edition=full" in said
    assert "edition=sample" not in said


def test_every_finding_names_the_results_and_the_configuration(tmp_path, monkeypatch):
    """Of an edition elsewhere, in which every kind of file is lost in turn."""
    plan = finished(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    for file in sorted(plan.all_files()):
        content = file.read_bytes()
        for damage in (None, b"changed"):
            file.unlink() if damage is None else file.write_bytes(damage)
            found = audit_edition(plan, plan.catalogue.data_dir, overrides={"device": "cpu"}).findings
            commands = [said for said in found.values() if "snakemake" in said]
            assert all(f"--directory {tmp_path}/elsewhere " in said for said in commands)
            assert all("--config device=cpu" in said for said in commands)
            assert commands or file.name in ("report.pdf", "report.html", "metrics.csv")
            file.write_bytes(content)


def test_a_command_with_quotation_marks_is_quoted_otherwise():
    assert (quoted("a b"), quoted("a 'b'")) == ("'a b'", "`a 'b'`")


@pytest.mark.slow
@pytest.mark.parametrize("here", ["repository", "elsewhere"])
def test_what_is_printed_works_when_pasted(tmp_path, monkeypatch, capsys, here):
    """An unfinished artefact of results in another folder; the commands are called dry, by a shell."""
    results = tmp_path / "my thesis" / "results"
    for place in (FILE.with_suffix(".csv"), Path("sample/runs/ocr/cnn-2/seed0/history.csv")):
        write(results / place, "")
    folder = REPOSITORY if here == "repository" else tmp_path
    monkeypatch.chdir(folder)
    monkeypatch.setattr(step, "differences_from_lock", lambda _: [])
    overrides = {"device": "cpu", "data_dir": str(tmp_path / "raw files")}
    options = ["--results", str(results), "--overrides", canonical_json(overrides)]
    assert main(["verify", *options]) == 2
    said = capsys.readouterr().out
    (all_damaged,) = re.findall(r"is damaged or missing is made by: (.*)", said)
    (of_one,) = re.findall(r"depth-table\.json is missing.*?; `(.*)` makes it", said)
    for pasted in (all_damaged, of_one):
        assert "make_table" in paste(pasted, folder)
    assert main(["verify", "--list", "damaged", *options]) == 0
    listed = capsys.readouterr().out.split()
    assert f"results/{FILE}" in listed
    assert all(name in all_damaged for name in listed)


def paste(words, folder):
    """Return what a shell prints for a command, called dry."""
    bin_first = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": bin_first, "PYTHONPATH": str(REPOSITORY / "workflow")}
    done = subprocess.run(
        f"{words} --dry-run --quiet rules",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
