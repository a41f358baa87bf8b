"""Publishing copies one writeup's small results, removes its stale ones and leaves the others alone."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rework.auditing.edition import audit_edition
from rework.catalogue.plan import SMALL_RUN_FILES, Plan
from rework.earlier import FOLDER, earlier_description, same_description
from rework.errors import DataError
from rework.files import read_json, sha256_file, write_json
from rework.publication import publication_file, read_publication
from rework.publishing import publish
from rework.settings.run import InitialSettings
from rework.steps import publish as step
from small_results import ASSET, finished, made_by, write, write_artefact, write_run


@pytest.fixture
def plan(tmp_path):
    (tmp_path / ".git").mkdir()
    return finished(tmp_path)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "results" / "reference"


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


FIRST = {
    "artefacts/first/table.json", "artefacts/first/table.csv",
    "artefacts/first/curves.json", "artefacts/first/curves.csv", "artefacts/first/curves.svg",
    "models/first/net.json",
    "data/tiny/dataset.json",
    *(f"runs/first/{run}/seed0/{name}" for run in ("cnn", "mlp") for name in SMALL_RUN_FILES),
}  # fmt: skip
RECORD = {"published/first.json"}


def test_the_small_results_of_one_writeup_are_copied(plan, target):
    done = publish(plan, "first", target)
    assert files(target) == FIRST | RECORD
    assert {path.as_posix() for path in done.written} == FIRST
    assert done.removed == ()
    for name in FIRST:
        assert (target / name).read_bytes() == (plan.results / name).read_bytes()


def test_what_is_published_passes_the_audit(plan, target):
    publish(plan, "first", target)
    assert audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings == {}


def test_stale_files_of_the_writeup_go_and_other_writeups_stay(plan, target):
    publish(plan, "second", target)
    second = {name: (target / name).read_bytes() for name in files(target)}
    for stale in ("runs/first/old/seed0/metrics.json", "artefacts/first/old.svg", "models/first/old.json"):
        write(target / stale, "old")
    write(target / "report" / "report.pdf", "report")
    done = publish(plan, "first", target)
    assert {path.as_posix() for path in done.removed} == {
        "runs/first/old/seed0/metrics.json", "artefacts/first/old.svg", "models/first/old.json",
    }  # fmt: skip
    assert files(target) == FIRST | RECORD | set(second) | {"report/report.pdf"}
    assert not (target / "runs" / "first" / "old").exists()
    assert all((target / name).read_bytes() == content for name, content in second.items())


def test_publishing_again_follows_the_configuration(plan, target):
    publish(plan, "first", target)
    plan.catalogue.runs["first"] = ["cnn"]
    publish(plan, "first", target)
    assert files(target) == {name for name in FIRST if "/mlp/" not in name} | RECORD
    assert set(read_publication(target, "first").files) == files(target) - RECORD


def test_an_unfinished_writeup_is_refused_before_anything_is_copied(plan, target):
    (plan.results / "artefacts" / "first" / "table.csv").unlink()
    with pytest.raises(DataError, match=r"first is not finished.*table\.csv missing; 'snakemake --cores 8 first'"):
        publish(plan, "first", target)
    assert not target.exists()


def test_a_writeup_without_results_is_refused(plan, target):
    plan.catalogue.runs["third"] = []
    plan.catalogue.not_run.update({"third/table", "third/curves"})
    plan.catalogue.model_ids = list
    with pytest.raises(DataError, match="third: nothing to publish"):
        publish(plan, "third", target)


@pytest.mark.parametrize(
    "changed",
    [
        "artefacts/first/table.csv",
        "runs/first/cnn/seed0/weights.safetensors",
        "runs/first/cnn/seed0/.weights.safetensors.partial",
        "data/tiny/train_inputs.npy",
        "data/tiny/more.npy",
        "weights/first.safetensors",
        "../../data/tiny/raw.gz",
    ],
)
def test_the_step_publishes_nothing_that_fails_the_audit(plan, target, monkeypatch, changed):
    """A changed result of the writeup stops it, and so does a data set; one of another writeup does not."""
    monkeypatch.setattr(step, "load_catalogue", lambda *_: plan.catalogue)
    monkeypatch.setattr(step, "build_report", lambda *_: None)
    arguments = argparse.Namespace(
        writeup="first", results=plan.results, reference=target, step="publish", overrides="{}", only_record=False
    )
    with_first_weights(plan)
    write(plan.results / "artefacts/second/table.csv", "changed")
    step.main(arguments)
    before = {name: (target / name).read_bytes() for name in files(target)}
    write(plan.results / changed, "changed")
    named = re.escape(Path(changed).name)
    with pytest.raises(DataError, match=f"results of first are not as recorded, so nothing was published.*{named}"):
        step.main(arguments)
    assert {name: (target / name).read_bytes() for name in files(target)} == before


def with_first_weights(plan):
    """Let the runs start with pretrained weights."""
    weights = plan.results / "weights" / "first.safetensors"
    made = made_by("weights", outputs={weights.name: write(weights, "weights")})
    description = {"name": "first", "sample": False, "assets": [], "provenance": made}
    write_json(weights.with_suffix(".json"), description)
    settings = plan.catalogue.run
    initial = InitialSettings("first", "features")
    plan.catalogue.initial_assets = lambda: ("first",)
    plan.catalogue.assets["first"] = replace(ASSET, id="first", file="first/first.pth")
    plan.catalogue.run = lambda *run: replace(settings(*run), initial=initial)
    plan._runs.clear()


def test_a_file_that_was_published_and_is_gone_or_new_is_named(plan, target):
    publish(plan, "first", target)
    reference = Plan(plan.catalogue, "full", target)
    for name in ("artefacts/first/table.json", "runs/first/cnn/seed0/history.csv", "models/first/net.json"):
        kept = (target / name).read_bytes()
        (target / name).unlink()
        found = audit_edition(reference, None, published=True).findings
        assert set(found) == {target / name}
        assert "is missing" in found[target / name]
        assert "git restore" in found[target / name]
        (target / name).write_bytes(kept)
    stray = target / "runs/first/cnn/seed0/weights.safetensors"
    write(stray, "weights")
    assert set(audit_edition(reference, None, published=True).findings) == {stray}


def test_published_results_without_the_record_of_their_publication_are_named(plan, target):
    publish(plan, "first", target)
    record = publication_file(target, "first")
    record.unlink()
    found = audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings
    assert set(found) == {record}
    assert "publish --config writeup=first" in found[record]


def test_what_was_put_there_otherwise_can_be_recorded_but_not_what_is_lost(plan, target, monkeypatch, capsys):
    publish(plan, "first", target)
    monkeypatch.setattr(step, "load_reference_catalogue", lambda _: plan.catalogue)
    arguments = argparse.Namespace(writeup="first", reference=target, step="publish", overrides="{}", only_record=True)
    reference = Plan(plan.catalogue, "full", target)
    model = target / "models/first/net.json"
    content = read_json(model)
    write_json(model, {**content, "parameters": 5})
    assert set(audit_edition(reference, None, published=True).findings) == {model}
    step.main(arguments)
    assert capsys.readouterr().out.startswith(f"first: {len(FIRST)} files of {target}")
    assert audit_edition(reference, None, published=True).findings == {}
    model.unlink()
    with pytest.raises(DataError, match=r"net\.json: no such file, but it is published; 'git restore"):
        step.main(arguments)


def test_a_writeup_that_is_not_published_is_a_remark(plan, target):
    publish(plan, "first", target)
    audit = audit_edition(Plan(plan.catalogue, "full", target), None, published=True)
    assert audit.findings == {}
    assert any(remark.startswith("not published: ") and "second/rnn" in remark for remark in audit.remarks)


def test_what_is_left_out_says_why(plan, target):
    plan.catalogue.not_run.add("first/curves")
    publish(plan, "first", target)
    assert read_publication(target, "first").left_out == {"first/curves": "not built yet"}


def described_again(plan, change):
    """Change the description of the data set, and record it in the results of the second writeup as if made anew."""
    info = plan.dataset_files("tiny")[0]
    before = sha256_file(info)
    content = read_json(info)
    change(content)
    write_json(info, content)
    for run, seed in plan.runs("second"):
        write_run(plan, run, seed)
    for name in plan.built_artefacts("second"):
        write_artefact(plan, name)
    return before


def test_an_earlier_description_of_the_same_arrays_is_kept_for_the_records_that_name_it(plan, target):
    publish(plan, "first", target)
    before = described_again(plan, lambda content: content["provenance"].update(code="1" * 64))
    publish(plan, "second", target)
    kept = earlier_description(target / "data/tiny/dataset.json", before)
    assert sha256_file(kept) == before
    audit = audit_edition(Plan(plan.catalogue, "full", target), None, published=True)
    assert audit.findings == {}
    assert audit.earlier == {kept}


def test_an_earlier_description_of_other_arrays_or_one_that_was_changed_excuses_nothing(plan, target):
    publish(plan, "first", target)
    info = target / "data/tiny/dataset.json"

    def other_arrays(content):
        content["splits"]["test"]["inputs"]["sha256"] = "0" * 64

    before = described_again(plan, other_arrays)
    publish(plan, "second", target)
    found = audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings
    assert "is not what" in found[info]
    described_again(plan, lambda content: content["splits"]["test"]["inputs"].update(sha256="1" * 64))
    publish(plan, "second", target)
    kept = earlier_description(info, before)
    kept.write_bytes(kept.read_bytes() + b" ")
    found = audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings
    assert info in found
    assert "was changed" in found[kept]


def test_another_mean_is_another_description(plan, target):
    publish(plan, "first", target)
    described_again(plan, lambda content: content.update(mean=[0.5]))
    publish(plan, "second", target)
    found = audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings
    assert target / "data/tiny/dataset.json" in found


def test_what_says_nothing_is_like_nothing(tmp_path):
    for content in ("{}", "[]", "no JSON", '{"provenance": {"code": "a"}}'):
        (tmp_path / "one.json").write_text(content)
        assert not same_description(tmp_path / "one.json", tmp_path / "one.json")


def test_an_earlier_description_that_no_record_names_is_an_orphan(plan, target):
    publish(plan, "first", target)
    lost = target / "data/tiny" / FOLDER / "dataset-0123456789abcdef.json"
    write(lost, "{}")
    assert "no rule" in audit_edition(Plan(plan.catalogue, "full", target), None, published=True).findings[lost]
