"""The audit finds every kind of damage, names it, and finds nothing in an edition that is as recorded."""

import shutil

import pytest
from rework import paths
from rework.accelerators import gpu_count, visible_gpus
from rework.auditing.edition import audit_edition
from rework.catalogue.publishable import published_files
from rework.files import sha256_file
from rework.publication import Publication, write_publication
from small_results import change_json, finished, relative, write


@pytest.fixture
def plan(tmp_path):
    return finished(tmp_path)


def problems(plan, **options):
    """Return {path relative to the results: problem} of an audit that hashes the raw files too."""
    findings = audit_edition(plan, plan.catalogue.data_dir, **options).findings
    root = plan.results.parents[1]
    return {path.relative_to(root).as_posix(): problem for path, problem in findings.items()}


def test_a_finished_edition_is_as_recorded(plan):
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert audit.findings == {}
    hashed = {path.relative_to(plan.results.parents[1]).as_posix() for path in audit.hashes}
    assert "data/tiny/raw.gz" in hashed
    assert "results/full/data/tiny/test_targets.npy" in hashed
    assert "results/full/runs/first/cnn/seed0/weights.safetensors" in hashed
    assert "results/full/artefacts/first/curves.svg" in hashed


@pytest.mark.parametrize(
    "file",
    [
        "data/tiny/raw.gz",
        "results/full/data/tiny/train_inputs.npy",
        "results/full/runs/first/cnn/seed0/weights.safetensors",
        "results/full/runs/first/cnn/seed0/history.csv",
        "results/full/runs/second/rnn/seed0/predictions.npz",
        "results/full/artefacts/first/table.csv",
        "results/full/artefacts/second/curves.svg",
    ],
)
def test_a_changed_byte_is_found_once_and_nothing_else_is(plan, file):
    path = plan.results.parents[1] / file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    found = problems(plan)
    assert set(found) == {file}
    assert "is not what" in found[file]


def test_the_files_of_every_layout_are_hashed(plan):
    folder = plan.results / "data" / "tiny"
    for name in ("train_offsets.npy", "crops.npy"):
        write(folder / name, name)

    def describe(info):
        info["splits"]["train"]["offsets"] = {"file": "train_offsets.npy", "sha256": sha256_file(folder / "crops.npy")}
        info["provenance"]["outputs"] = {"crops.npy": sha256_file(folder / "train_offsets.npy")}

    change_json(folder / "dataset.json", describe)
    found = problems(plan)
    for name in ("train_offsets.npy", "crops.npy"):
        assert "is not what" in found[f"results/full/data/tiny/{name}"]


def test_a_changed_metric_is_found_through_the_artefacts_made_from_it(plan):
    path = next(file for file in plan.run_files("first/cnn", 0) if file.name == "metrics.json")
    change_json(path, lambda metrics: metrics.update(metrics={"test_accuracy": {"value": 1.0, "n": 10}}))
    found = problems(plan)
    assert set(found) == {"results/full/runs/first/cnn/seed0/metrics.json"}
    assert "artefacts/first" in found["results/full/runs/first/cnn/seed0/metrics.json"]


def test_a_value_changed_in_an_artefact_is_found_through_the_manifest(plan):
    path = plan.results / "artefacts" / "first" / "table.json"
    change_json(path, lambda sidecar: sidecar["values"][0]["reproduced"].update(mean=0.8))
    found = problems(plan)
    assert set(found) == {"results/full/report/manifest.json"}
    assert "first/table;" in found["results/full/report/manifest.json"]


def test_a_missing_output_is_named_with_who_recorded_it(plan):
    plan.run_files("first/cnn", 0)[0].unlink()
    found = problems(plan)
    assert set(found) == {"results/full/runs/first/cnn/seed0/weights.safetensors"}
    assert "is missing" in next(iter(found.values()))


def test_raw_files_may_be_gone_once_the_arrays_are_made_but_are_named(plan):
    raw = plan.catalogue.data_dir / "tiny" / "raw.gz"
    raw.unlink()
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert audit.findings == {}
    assert any(remark.startswith("raw files that are gone") and str(raw) in remark for remark in audit.remarks)


def test_files_beside_raw_files_are_named_unless_a_download_put_them_there(plan):
    folder = plan.catalogue.data_dir / "tiny"
    for name in ("raw.gz.sha256", "raw.gz.other-01234567", ".raw.gz.partial", "own.gz"):
        write(folder / name, "")
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert audit.findings == {}
    (remark,) = (remark for remark in audit.remarks if remark.startswith("files beside raw files"))
    assert remark.endswith(f": {folder / 'own.gz'}")


def test_what_was_not_made_yet_is_told_until_there_is_a_report(plan):
    shutil.rmtree(plan.results / "runs" / "second")
    shutil.rmtree(plan.results / "artefacts" / "second")
    shutil.rmtree(paths.report_dir(plan.results))
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert audit.findings == {}
    assert audit.remarks[0].startswith("not made yet: training of second/rnn, seed 0, evaluation of second/rnn, seed 0")
    assert audit.remarks[1].startswith("there is no report; 'snakemake ")


@pytest.mark.parametrize(
    "file",
    [
        "runs/first/old-run/seed0/metrics.json",
        "runs/first/cnn/seed1/weights.safetensors",
        "artefacts/first/old-table.json",
        "artefacts/first/table.svg",
        "models/first/old.json",
        "data/old/dataset.json",
        "report/old.pdf",
        "runs/first/cnn/seed0/.metrics.json.abc",
        "checkpoints/first/old-run/seed0.pt",
    ],
)
def test_what_no_rule_makes_is_an_orphan(plan, file):
    write(plan.results / file, "{}")
    assert set(problems(plan)) == {f"results/full/{file}"}


def test_a_run_that_left_the_configuration_is_an_orphan(plan):
    plan.catalogue.runs["second"] = []
    assert {name for name in problems(plan) if "/runs/" in name} == {
        f"results/full/runs/second/rnn/seed0/{name}" for name in paths.RUN_FILES
    }


def test_logs_and_checkpoints_of_known_runs_are_no_orphans(plan):
    write(plan.results / "logs" / "train" / "first" / "cnn" / "seed0.log", "")
    checkpoint = paths.checkpoint_file(plan.results, "first", "cnn", 0)
    for name in (checkpoint.name, f"{checkpoint.name}.lock", f".{checkpoint.name}.partial"):
        write(checkpoint.with_name(name), "")
    write(paths.finished_dir(plan.results, "first", "cnn", 0) / "weights.safetensors", "")
    assert problems(plan) == {}


@pytest.mark.parametrize(("text", "said"), [("{", "not a JSON file"), ("[]", "not a JSON object")])
def test_a_damaged_description_is_named(plan, text, said):
    path = plan.results / "artefacts" / "first" / "table.json"
    path.write_text(text)
    assert said in problems(plan)["results/full/artefacts/first/table.json"]


def test_published_results_need_not_hold_what_is_not_published(plan):
    for run, seed in plan.runs():
        for file in plan.run_files(run, seed, ("weights.safetensors", "predictions.npz")):
            file.unlink()
    for array in plan.dataset_files("tiny")[1:]:
        array.unlink()
    for writeup in plan.catalogue.writeups:
        hashes = {relative(plan, file): sha256_file(file) for file in published_files(plan, writeup)}
        write_publication(plan.results, writeup, Publication(hashes, {}))
    assert problems(plan, published=True) == {}
    table = plan.results / "artefacts" / "first" / "table.csv"
    table.write_text("changed")
    assert set(problems(plan, published=True)) == {"results/full/artefacts/first/table.csv"}


def test_gpus_are_counted_from_device_files(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpu_count(tmp_path) == 0
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert gpu_count(tmp_path) == 2
    for visible, count in (("", 0), ("-1", 0), ("1", 1), ("0,1", 2), ("0,1,2", 2)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert gpu_count(tmp_path) == count


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        (None, ("0", "1")),
        ("", ()),
        ("1", ("1",)),
        (" 1, 0", ("1", "0")),
        ("GPU-8f6e", ("GPU-8f6e",)),
        ("0,1,2", ("0", "1")),
        ("0,-1,1", ("0",)),
        ("5", ()),
        ("5,0", ()),
        ("NoDevFiles", ()),
        ("1,junk,0", ("1",)),
        ("0,0,1", ("0",)),
        ("GPU-8f6e,-1", ("GPU-8f6e",)),
        ("MIG-a,MIG-b,MIG-c", ("MIG-a", "MIG-b", "MIG-c")),
    ],
)
def test_gpus_have_the_names_that_cuda_knows(tmp_path, monkeypatch, visible, names):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert visible_gpus(tmp_path) == (), "no device, no name"
    for number in (0, 1):
        (tmp_path / f"nvidia{number}").touch()
    assert visible_gpus(tmp_path) == names
