"""The workflow called from another folder, and used as a module of another one."""

import os
import subprocess
import sys

import pytest
from rework.files import read_json

pytestmark = pytest.mark.slow

TABLE = "fashion-captions/cnn-parameters"
MODULE = """\
configfile: "mine.yaml"


module rework:
    snakefile:
        "{snakefile}"
    config:
        config["rework"]


use rule * from rework as rework_*
"""


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def planned_at_home(fresh_pair_template):
    return fresh_pair_template.planned("sample")


def use_as_module(copy, folder, config="{}", text=MODULE):
    (folder / "Snakefile").write_text(text.format(snakefile=copy.root / "Snakefile"))
    (folder / "mine.yaml").write_text(f"mine: 1\nrework: {config}\n")


def unprefixed(planned):
    return {rule.removeprefix("rework_"): count for rule, count in planned.items() if rule != "rework_sample"}


def files(copy):
    return {path for path in copy.root.rglob("*") if "__pycache__" not in path.parts}


def call(folder, *words, **environment):
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check_table(folder):
    assert read_json(folder / f"results/sample/artefacts/{TABLE}.json")["id"] == TABLE
    assert (folder / ".snakemake" / "rework-sources.json").is_file()


def test_another_directory_gets_the_jobs_of_the_own(fresh_pair, elsewhere, planned_at_home):
    before = files(fresh_pair)
    words = ("-s", fresh_pair.root / "Snakefile", "--directory", elsewhere, "--", "sample")
    planned = fresh_pair.planned(*words, folder=elsewhere.parent)
    assert files(fresh_pair) == before
    assert planned == planned_at_home


def test_a_module_gets_the_same_jobs_and_its_config_goes_over_that_of_the_workflow(
    fresh_pair, elsewhere, planned_at_home
):
    use_as_module(fresh_pair, elsewhere)
    before = files(fresh_pair)
    planned = unprefixed(fresh_pair.planned("--", "rework_sample", folder=elsewhere))
    assert planned == planned_at_home
    use_as_module(fresh_pair, elsewhere, "{seeds: [0, 1]}")
    more = unprefixed(fresh_pair.planned("--", "rework_sample", folder=elsewhere))
    assert {rule: (planned[rule], more[rule]) for rule in planned if more[rule] != planned[rule]} == {
        rule: (planned[rule], 2 * planned[rule]) for rule in ("train", "evaluate", "fit", "read_letters")
    }
    assert files(fresh_pair) - before <= {fresh_pair.root / ".snakemake", *(fresh_pair.root / ".snakemake").rglob("*")}


def test_a_wrong_config_of_a_module_is_named(fresh_pair_template, elsewhere):
    use_as_module(fresh_pair_template, elsewhere, "{seed: [0]}")
    with pytest.raises(AssertionError, match="did you mean 'seeds'"):
        fresh_pair_template.planned("--", "rework_sample", folder=elsewhere)


def test_a_module_with_a_prefix_is_refused(fresh_pair_template, elsewhere):
    prefixed = MODULE.replace("    config:", '    prefix:\n        "below"\n    config:')
    use_as_module(fresh_pair_template, elsewhere, text=prefixed)
    with pytest.raises(AssertionError, match="use --directory"):
        fresh_pair_template.planned("--", "rework_sample", folder=elsewhere)


def test_a_table_is_made_in_another_directory(fresh_pair, elsewhere):
    words = ("--directory", elsewhere, "--cores", "1", f"results/sample/artefacts/{TABLE}.json")
    call(elsewhere.parent, "snakemake", "-s", fresh_pair.root / "Snakefile", *words)
    check_table(elsewhere)
    assert not (fresh_pair.root / "results").exists()


def test_a_table_is_made_by_a_module(fresh_pair, elsewhere):
    use_as_module(fresh_pair, elsewhere)
    call(elsewhere, "snakemake", "--cores", "1", f"results/sample/artefacts/{TABLE}.json")
    check_table(elsewhere)
    assert not (fresh_pair.root / "results").exists()


def test_a_step_by_hand_reads_the_configuration_of_its_library_and_writes_where_it_is_called(fresh_pair, elsewhere):
    step = ("rework", "describe", "fashion-captions/feedforward", "--edition", "sample")
    call(elsewhere, *step, PYTHONPATH=str(fresh_pair.root / "workflow"))
    assert read_json(elsewhere / "results/sample/models/fashion-captions/feedforward.json")["parameters"] > 0
    assert not (fresh_pair.root / "results").exists()


def test_what_takes_seconds_stays_on_this_machine(fresh_pair_template):
    jobs = [
        *fresh_pair_template.jobs("sample"),
        *fresh_pair_template.jobs(without=[]),
        *fresh_pair_template.jobs("publish", writeup="nist36"),
    ]
    assert {job.rule for job in jobs if job.local} == {
        "fetch",
        "generate_sample",
        "describe",
        "read_letters",
        "make_table",
        "make_figure",
        "build_page",
        "build_pdf",
        "publish",
    }
