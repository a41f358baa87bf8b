"""The jobs that each target starts, in both editions, and the messages of wrong uses."""

import re
import shlex
import subprocess
import sys

import pytest
from rework import accelerators
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.targets import check_targets
from snakemake.exceptions import MissingRuleException, WorkflowError
from workflow_copy import PAIR, REPOSITORY, counts, names

pytestmark = pytest.mark.slow

CATALOGUE = load_catalogue(REPOSITORY)
WRITEUPS = sorted(CATALOGUE.writeups)


def trainings(edition, writeups, engines=False):
    return {
        f"{'fit' if engines else 'train'} run={owner}/{run} seed={seed}"
        for writeup in writeups
        for owner, run, seed in CATALOGUE.run_ids(edition, writeup)
        if CATALOGUE.is_engine(f"{owner}/{run}") == engines
    }


def evaluations(edition, writeups):
    return {job.replace("train ", "evaluate ") for job in trainings(edition, writeups)}


def artefacts(edition, writeups):
    built = [CATALOGUE.artefact(edition, name) for writeup in writeups for name in CATALOGUE.artefact_ids(writeup)]
    rules = {"figure": "make_figure", "table": "make_table", "number": "make_table", "claims": "make_table"}
    return {f"{rules[item.kind]} artefact={item.id}" for item in built if item.not_run is None}


def check_edition(jobs, edition, *writeups):
    assert names(jobs, "train") == trainings(edition, writeups)
    assert names(jobs, "evaluate") == evaluations(edition, writeups)
    assert names(jobs, "fit") == trainings(edition, writeups, engines=True)
    assert names(jobs, "make_table", "make_figure") == artefacts(edition, writeups)


def check_report(jobs, edition, *writeups):
    check_edition(jobs, edition, *writeups)
    assert counts(jobs)["build_page"] == counts(jobs)["build_pdf"] == 1
    assert counts(jobs)["describe"] == len([name for name in CATALOGUE.model_ids() if name[0] in writeups])


@pytest.mark.parametrize("targets", [(), ("all",), ("report",)])
@pytest.mark.parametrize("edition", ["full", "sample"])
def test_the_default_is_the_report_of_the_edition_of_the_config(fresh_pair_template, edition, targets):
    check_report(fresh_pair_template.jobs(*targets, edition=edition), edition, *PAIR)


def test_the_default_has_every_writeup(fresh_template):
    check_report(fresh_template.jobs(), "full", *WRITEUPS)


def test_the_page_alone_can_be_asked_for(fresh_pair_template):
    jobs = fresh_pair_template.jobs("page", edition="sample")
    check_edition(jobs, "sample", *PAIR)
    assert counts(jobs)["build_page"] == 1
    assert not names(jobs, "build_pdf")


def test_the_full_edition_fetches_every_asset_and_generates_nothing(fresh_template):
    jobs = fresh_template.jobs(without=[])
    assert names(jobs, "fetch") == {f"fetch asset={asset.file}" for asset in CATALOGUE.assets.values()}
    rules = {name: f"preprocess_{dataset.layout}" for name, dataset in CATALOGUE.datasets.items()}
    assert names(jobs, "convert_weights") == {f"convert_weights weights={name}" for name in CATALOGUE.initial_assets()}
    assert names(jobs, *rules.values()) == {f"{rule} dataset={name}" for name, rule in rules.items()}
    assert not names(jobs, "generate_sample")


def test_the_full_edition_asks_for_nothing_that_cannot_be_had(fresh_template):
    addresses = {f"fetch asset={asset.file}": asset.urls for asset in CATALOGUE.assets.values()}
    assert all(addresses[job] for job in names(fresh_template.jobs(), "fetch"))


@pytest.mark.parametrize("seeds", [["0", "1"], [0, 1], ["0.0", "1.0"]])
def test_seeds_can_be_given_for_one_call(fresh_pair_template, seeds):
    """Snakemake's command line reads the entries of a list as text."""
    jobs = fresh_pair_template.jobs("sample", seeds=seeds)
    for run in {job.wildcards.partition(" seed=")[0] for job in jobs if job.rule == "train"}:
        assert {f"train {run} seed=0", f"train {run} seed=1"} <= names(jobs, "train")


def test_the_sample_edition_generates_its_data_and_fetches_nothing(fresh_template):
    jobs = fresh_template.jobs("sample")
    check_report(jobs, "sample", *WRITEUPS)
    drawn = {name for name, dataset in CATALOGUE.datasets.items() if not dataset.assets}
    generated = set(CATALOGUE.dataset_names()) - drawn
    assert names(jobs, "generate_sample") == {f"generate_sample dataset={name}" for name in generated}
    assert not names(jobs, "fetch")


@pytest.mark.parametrize("edition", ["full", "sample"])
@pytest.mark.parametrize("writeup", WRITEUPS)
def test_every_writeup_is_a_target_of_its_own(fresh_template, writeup, edition):
    jobs = fresh_template.jobs(writeup, edition=edition)
    check_edition(jobs, edition, writeup)
    assert not names(jobs, "build_page", "build_pdf")


@pytest.mark.parametrize("writeup", WRITEUPS)
def test_publishing_a_writeup_needs_its_full_edition(fresh_template, writeup):
    jobs = fresh_template.jobs("publish", writeup=writeup, edition="sample")
    check_edition(jobs, "full", writeup)
    assert counts(jobs)["publish"] == 1


def test_verify_looks_at_what_is_there_and_starts_nothing_else(fresh_pair_template):
    assert names(fresh_pair_template.jobs("verify")) == {"verify"}


@pytest.mark.parametrize(
    ("present", "device", "asked"),
    [(1, "auto", 1), (0, "auto", 0), (4, "auto", 1), (1, "cpu", 0), (0, "cpu", 0), (1, "cuda", 1), (0, "cuda", 1)],
)
@pytest.mark.parametrize("given", [None, 1])
def test_a_gpu_is_asked_for_where_one_is(fresh_pair_template, monkeypatch, present, device, asked, given):
    monkeypatch.setattr(accelerators, "gpu_count", lambda: present)
    jobs = fresh_pair_template.jobs("sample", gpus=given, device=device)
    check_edition(jobs, "sample", *PAIR)
    assert {job.gpu for job in jobs if job.rule in ("train", "evaluate")} == {asked}
    assert {job.gpu for job in jobs if job.rule not in ("train", "evaluate")} == {0}


@pytest.mark.parametrize(
    ("present", "slots", "given", "limit"),
    [(1, 1, None, 1), (2, 3, None, 6), (2, 3, 4, 4), (2, 1, 0, 0), (0, 1, None, None)],
)
def test_no_more_jobs_start_than_the_gpus_have_places_for(
    fresh_pair_template, monkeypatch, present, slots, given, limit
):
    monkeypatch.setattr(accelerators, "gpu_count", lambda: present)
    assert fresh_pair_template.gpu_limit("sample", gpus=given, gpu_slots=slots) == limit


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({}, "--device auto --gpu-slots 1"),
        ({"device": "cuda", "gpu_slots": 4}, "--device cuda --gpu-slots 4"),
        ({"cuda_graphs": "false"}, "--device auto --gpu-slots 1 --no-cuda-graphs"),
    ],
)
def test_jobs_of_this_machine_take_places_on_its_gpus(fresh_pair_template, config, options):
    jobs = fresh_pair_template.jobs("sample", **config)
    commands = {rule: [job.command for job in jobs if job.rule == rule] for rule in ("train", "evaluate")}
    assert all(f"{options} >" in command for command in commands["train"])
    assert all(f"{options.removesuffix(' --no-cuda-graphs')} >" in command for command in commands["evaluate"])
    assert not any("--gpu-slots" in job.command for job in jobs if job.rule not in commands)


def test_threads_follow_the_run(fresh_pair):
    fresh_pair.edit_yaml(
        "config/writeups/fashion-captions.yaml", lambda writeup: writeup["runs"]["ffn"].update(threads=2)
    )
    jobs = [job for job in fresh_pair.jobs("sample") if job.rule in ("train", "evaluate")]
    assert {job.threads for job in jobs if "/ffn " in job.wildcards} == {2}
    assert {job.threads for job in jobs if "/ffn " not in job.wildcards} == {1}
    assert {job.threads for job in fresh_pair.jobs("sample", threads=3) if job.rule == "train"} == {3}


@pytest.mark.parametrize("text", ["true", "false", True])
def test_words_of_the_command_line_are_read_as_they_are_meant(fresh_pair_template, text):
    jobs = fresh_pair_template.jobs("sample", offline=text, writeup="null")
    check_edition(jobs, "sample", *PAIR)


def test_an_unknown_target_is_named(fresh_pair_template):
    with pytest.raises(MissingRuleException, match="fashion-caption"):
        fresh_pair_template.jobs("fashion-caption")


@pytest.mark.parametrize(
    "path",
    [
        "results/full/runs/fashion-captions/no-such-run/seed0/metrics.json",
        "results/other/runs/fashion-captions/cnn/seed0/metrics.json",
        "results/full/artefacts/fashion-captions/lost.json",
        "results/full/artefacts/fashion-captions/dropout-table.svg",
        "results/full/data/lost/dataset.json",
        "results/full/runs/fashion-captions/cnn/seed99/metrics.json",
        "results/full/runs/fashion-captions/cnn/seed00/metrics.json",
    ],
)
def test_a_path_that_the_catalogue_does_not_know_has_no_rule(fresh_pair_template, path):
    with pytest.raises(MissingRuleException):
        fresh_pair_template.jobs(path)


TABLE = "results/sample/artefacts/fashion-captions/dropout-table.json"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fashion-caption"], "did you mean 'fashion-captions'?"),
        ([TABLE.replace("dropout", "drop-out")], "did you mean 'dropout-table'?"),
        (["{here}/" + TABLE], f"Snakemake knows it as {TABLE}: write it so"),
        ([TABLE.title()], f"Snakemake knows it as {TABLE}: write it so"),
        (["results/sample/report/"], "it is a folder, and targets are files, such as results/sample/report/"),
        (["sample", "--forcerun", TABLE.replace("json", "jsn")], f"did you mean '{TABLE}'?"),
        (["sample", "--until", "trian"], "did you mean 'train'?"),
        (["--", "smaple"], "did you mean 'sample'?"),
    ],
)
def test_the_command_line_says_in_one_line_what_was_meant(fresh_pair_template, words, said):
    words = [word.format(here=fresh_pair_template.root) for word in words]
    done = command_line(fresh_pair_template.root, "-n", "--cores", "1", *words)
    assert done.returncode != 0
    (line,) = (line for line in (done.stdout + done.stderr).splitlines() if "target " in line)
    assert line.endswith(said) or said in line
    assert "Traceback" not in done.stdout + done.stderr


def test_other_spellings_of_a_path_from_here_are_understood(fresh_pair_template):
    words = [f"./{TABLE}", f"{TABLE}/", TABLE.replace("/", "//"), f"results/../{TABLE}"]
    done = command_line(fresh_pair_template.root, "-n", "--cores", "1", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^make_table +1$", done.stdout + done.stderr, re.M)


def test_every_rule_is_a_name_that_can_be_asked_for(fresh_template):
    """Also of rules that are made in loops: none is taken for a misspelling of another."""
    done = command_line(fresh_template.root, "--list-rules")
    rules = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    assert {"train", "make_figure", "preprocess_examples", "sample", "verify", "ocr"} <= set(rules)
    check_targets(CATALOGUE, rules)


def test_publishing_wants_to_know_which_writeup(fresh_pair_template):
    with pytest.raises(WorkflowError, match=r"publish: say which writeup.*fashion-captions"):
        fresh_pair_template.jobs("publish")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"writeup": "fashion-caption"}, "fashion-captions"),
        ({"devise": "cpu"}, "device"),
        ({"edition": "ful"}, "full"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [0, 0]}, "seeds"),
        ({"threads": "many"}, "threads"),
    ],
)
def test_a_wrong_config_value_stops_the_workflow_with_what_was_expected(fresh_pair_template, config, said):
    with pytest.raises(WorkflowError, match=said):
        fresh_pair_template.jobs(**config)


def change_runs(writeup):
    writeup["runs"] = {}


def change_key(writeup):
    run = writeup["runs"]["cnn"]
    run["batchsize"] = run.pop("batch_size")


def change_sweep(writeup):
    writeup["sweeps"]["dropout"]["over"]["model.dropout"] = []


def change_parameter(writeup):
    writeup["runs"]["cnn"]["model"]["drop_out"] = 0.1


@pytest.mark.parametrize(
    ("change", "said"),
    [(change_runs, "cnn"), (change_key, "batch_size"), (change_sweep, "model.dropout"), (change_parameter, "dropout")],
)
def test_a_wrong_writeup_stops_the_workflow_and_names_its_file(fresh_pair, change, said):
    fresh_pair.edit_yaml("config/writeups/fashion-captions.yaml", change)
    with pytest.raises(WorkflowError, match=said) as caught:
        fresh_pair.jobs()
    assert "config/writeups/fashion-captions.yaml" in str(caught.value)


def command_line(folder, *words):
    command = [sys.executable, "-m", "snakemake", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_the_command_line_shows_one_message_without_a_traceback(fresh_pair_template):
    done = command_line(fresh_pair_template.root, "-n", "--config", "devise=cpu")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "devise" in said
    assert "device" in said
    assert "Traceback" not in said


def test_lint_finds_nothing(fresh_template):
    done = command_line(fresh_template.root, "--lint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_parsing_the_workflow_imports_nothing_heavy(fresh_template):
    script = (
        "import sys; from snakemake.cli import main\n"
        "try: main(['-n', '--quiet', 'all'])\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "heavy = {'torch', 'torchvision', 'matplotlib', 'scipy', 'sklearn', 'skimage'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=fresh_template.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_make_report_builds_the_sample_edition(fresh_pair_template):
    """The README's first command, as make would call it, but dry."""
    recipe = subprocess.run(["make", "-n", "report"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    (command,) = [shlex.split(line) for line in recipe.splitlines() if "/snakemake " in line]
    words = [sys.executable, "-m", "snakemake", *command[1:], "-n"]
    done = subprocess.run(words, cwd=fresh_pair_template.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"^build_page +1$", done.stdout + done.stderr, re.M)
    assert re.search(r"^build_pdf +1$", done.stdout + done.stderr, re.M)
    assert not re.search(r"^fetch +\d+$", done.stdout + done.stderr, re.M)
