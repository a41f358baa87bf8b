"""What is made again when results are deleted, and that the advice in messages names jobs that exist."""

import shlex
from pathlib import Path

import pytest
from rework.auditing.advice import command, damaged_files
from rework.auditing.commands import Commands
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.recorded import remedy
from workflow_copy import counts

pytestmark = pytest.mark.slow

RUN = "runs/fashion-captions/cnn/seed0"


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (f"{RUN}/weights.safetensors", "train"),
        (f"{RUN}/history.csv", "train"),
        (f"{RUN}/probes.csv", "train"),
        (f"{RUN}/provenance.json", "train"),
        (f"{RUN}/metrics.json", "evaluate"),
        (f"{RUN}/predictions.npz", "evaluate"),
        ("runs/nist36/scratch/seed0/predictions.npz", "fit"),
        ("artefacts/fashion-captions/dropout-table.csv", "make_table"),
        ("artefacts/nist36/activations.svg", "make_figure"),
        ("models/fashion-captions/feedforward.json", "describe"),
        ("readings/photographs/nist36/reader/seed0.npz", "read_letters"),
        ("readings/photographs/nist36/reader/seed0.json", "read_letters"),
        ("report/report.pdf", "build_pdf"),
        ("report/manifest.json", "build_page"),
    ],
)
@pytest.mark.parametrize("target", ["sample", "report"])
def test_it_is_made_again(finished_pair, target, file, rule):
    (finished_pair.root / "results/sample" / file).unlink()
    assert counts(finished_pair.jobs(target, edition="sample")).get(rule) == 1


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("data/nist36/train_inputs.npy", "preprocess_examples"),
        ("data/photographs/crops.npy", "preprocess_pages"),
        ("data/nist36/raw", "generate_sample"),
        ("weights/squeezenet-1-1.safetensors", "convert_weights"),
        (f"{RUN}/weights.safetensors", "train"),
        (f"{RUN}/metrics.json", "evaluate"),
        ("runs/nist36/scratch/seed0/weights.safetensors", "fit"),
        ("readings/photographs/nist36/reader/seed0.npz", "read_letters"),
        ("artefacts/nist36/activations.svg", "make_figure"),
    ],
)
def test_the_advice_for_a_damaged_result_makes_it_again_and_nothing_else(finished_pair_template, file, rule):
    advice = remedy(finished_pair_template.root / "results/sample" / file)
    command = advice.split("'")[1].replace(f"{finished_pair_template.root}/", "").split()
    assert command[0] == "snakemake"
    assert "--force" in command
    assert finished_pair_template.planned(*command[1:]) == {rule: 1}


def test_the_advice_for_a_missing_result_makes_it(finished_pair):
    path = finished_pair.root / "results/sample" / RUN / "metrics.json"
    path.unlink()
    command = remedy(path).split("'")[1].replace(f"{finished_pair.root}/", "").split()
    assert finished_pair.planned(*command[1:]) == {"evaluate": 1}


def test_the_commands_that_verify_prints_make_what_they_name_and_no_more(finished_pair):
    plan = Plan(load_catalogue(finished_pair.root), "sample", Path("results", "sample"))
    damaged = [
        f"{RUN}/weights.safetensors", f"{RUN}/history.csv", f"{RUN}/metrics.json", "data/mnist/raw/.record.json",
        "artefacts/fashion-captions/dropout-table.csv",
    ]  # fmt: skip
    files = damaged_files(plan, [plan.results / name for name in damaged])
    assert _planned(finished_pair, command(Commands(), "sample", "damaged", files)) == {
        "train": 1, "evaluate": 1, "make_table": 1, "generate_sample": 1,
    }  # fmt: skip
    planned = _planned(finished_pair, command(Commands(), "sample", "stale", [plan.results / RUN / "provenance.json"]))
    assert planned["train"] == planned["evaluate"] == planned["build_page"] == 1
    assert planned["make_figure"] > 1
    assert "preprocess_examples" not in planned


def _planned(copy, printed):
    program, *words = shlex.split(printed)
    assert program == "snakemake"
    return copy.planned(*words)
