"""Section 7 of course-notes: trained networks converted, and run from C++."""

from dataclasses import replace

import pytest
import torch
from artefact_checks import check_made
from rework import paths
from rework.artefacts.course_notes import cpp_inference
from rework.artefacts.make import build_artefact
from rework.deployment import conversions
from rework.deployment.programs import NotBuiltError, find_tools
from rework.errors import ReportError
from rework.recorded import read_record
from rework.report.manifest import made_entry

WRITEUP = "course-notes"
pytestmark = pytest.mark.slow


@pytest.fixture
def made(artefacts):
    """Return a function that makes an artefact and returns its entry in the report and the rows of its CSV."""

    def make(name, **options):
        settings = artefacts.settings(name, **options)
        entry = made_entry(settings, read_record(build_artefact(settings, artefacts.results)))
        return entry, artefacts.rows(name)

    return make


def needs_compiler():
    try:
        find_tools()
    except NotBuiltError as error:
        pytest.skip(str(error))


def test_converted_networks_give_the_same_numbers(made, artefacts):
    entry, rows = made("torchscript")
    assert entry["status"] == "built"
    assert entry["verdict"] == "exact"
    trainings = sum(len(run.seeds) for run in artefacts.settings("torchscript").runs)
    networks = [row for row in rows if row["seed"]]
    assert len(networks) == 4 * trainings
    assert all(float(row["difference"]) <= 1e-6 for row in networks if row["given"])
    refused = {(row["module"], row["conversion"]) for row in networks if not row["given"]}
    assert refused == {("the notes' CNN", "scripted")}
    assert entry["facts"]["compared"] == len(networks) - sum(not row["given"] for row in networks)


def test_a_choice_is_lost_by_tracing_alone(made):
    entry, rows = made("torchscript")
    wrong = {(row["module"], row["conversion"], row["given"]) for row in rows if row["outcome"].startswith("wrong")}
    assert wrong == {
        ("MyModule", "traced (sum above 0)", "sum below 0"),
        ("MyModule", "traced (sum below 0)", "sum above 0"),
    }
    choices = entry["facts"]["choices"]
    assert {case for case, found in choices.items() if found["wrong"] and not found["refused"]} == {
        *("MyModule, traced (sum above 0)", "MyModule, traced (sum below 0)", "SameShape, traced (sum above 0)"),
    }
    assert {case for case, found in choices.items() if found["refused"]} == {
        *("MyModule, exported", "MyModule with cond, exported", "SameShape, exported"),
    }
    assert "data-dependent" in choices["MyModule, exported"]["said"]
    assert "TracerWarning: " in choices["SameShape, traced (sum above 0)"]["said"]


def test_a_conversion_that_changes_the_network_would_be_seen(made, monkeypatch):
    def scaled(module, example):
        traced = torch.jit.trace(module, example)
        return lambda inputs: traced(inputs) * 1.0001

    monkeypatch.setitem(conversions.WAYS, "traced", scaled)
    entry, _ = made("torchscript")
    assert entry["verdict"] == "differs"


def test_what_is_no_number_or_of_another_shape_in_the_second_network_differs(made, monkeypatch):
    for spoilt in (lambda outputs: outputs * float("nan"), lambda outputs: outputs[:, :3]):
        seen = []

        def spoiling(module, example, spoilt=spoilt, seen=seen):
            traced = torch.jit.trace(module, example)
            seen.append(module)
            return traced if len(seen) != 2 else lambda inputs: spoilt(traced(inputs))

        monkeypatch.setitem(conversions.WAYS, "traced", spoiling)
        entry, rows = made("torchscript")
        assert entry["verdict"] == "differs"
        assert entry["facts"]["equal"] < entry["facts"]["compared"]
        assert [row["outcome"][:5] for row in rows if row["seed"] and row["conversion"] == "traced"].count("wrong") == 1


def test_a_refusal_is_counted_and_the_first_one_is_quoted(made, monkeypatch):
    said = []

    def refusing(*_):
        said.append(f"attempt {len(said) + 1}")
        raise RuntimeError(said[-1])

    monkeypatch.setitem(conversions.WAYS, "scripted", refusing)
    entry, rows = made("torchscript")
    networks = [row for row in rows if row["seed"] and row["conversion"] != "exported"]
    refused = [row for row in networks if row["outcome"] == "refused"]
    assert f"TorchScript refused {len(refused)} of {len(networks)} conversions" in entry["caption"]
    first = {row["module"]: row["said"] for row in reversed(refused)}
    assert entry["facts"]["refused"] == first


def test_the_same_bytes_in_the_same_process(made, artefacts):
    path = paths.artefact_file(artefacts.results, "course-notes/torchscript", "json")
    made("torchscript")
    before = path.read_bytes()
    made("torchscript")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["torchscript", "cpp-inference"])
def test_a_torch_without_torchscript_leaves_it_not_run(made, monkeypatch, name):
    monkeypatch.delattr(torch.jit, "trace")
    entry, rows = made(name, **({"ways": ["torchscript"]} if name == "cpp-inference" else {}))
    assert (entry["status"], entry["verdict"]) == ("not run", "not run")
    assert "has no TorchScript" in entry["reason"]
    assert [value["verdict"] for value in entry["values"]] == ["not run"]
    if name == "torchscript":
        assert {row["conversion"] for row in rows if row["difference"]} == {"exported"}


def test_a_machine_without_a_compiler_leaves_it_not_run(made, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    entry, rows = made("cpp-inference")
    assert (entry["status"], entry["verdict"]) == ("not run", "not run")
    assert entry["reason"].startswith("There is no CMake on this machine")
    assert "\n" not in entry["reason"]
    assert not any(row["difference"] for row in rows)


def test_a_description_of_something_else_is_still_refused(artefacts):
    with pytest.raises(ReportError, match="is that of"):
        made_entry(artefacts.settings("torchscript"), {"id": "course-notes/other", "status": "not run", "reason": "x"})


@pytest.fixture
def pretend_programs(monkeypatch):
    """Return a function that puts a Python function of the saved file and the inputs in place of the programs."""

    def pretend(outputs):
        needs_compiler()
        monkeypatch.setattr(cpp_inference, "configure", lambda *_: None)
        monkeypatch.setattr(cpp_inference, "build", lambda program, *_: program)
        monkeypatch.setattr(
            cpp_inference, "run", lambda _, saved, inputs: outputs(saved, torch.from_numpy(inputs)).numpy()
        )

    return pretend


def test_the_saved_networks_are_compared_and_aotinductor_may_be_left_out(made, pretend_programs):
    pretend_programs(lambda saved, inputs: torch.jit.load(saved)(inputs).detach())
    entry, rows = made("cpp-inference", ways=["torchscript"])
    assert entry["status"] == "built"
    assert entry["verdict"] == "exact"
    ways = {way: [row for row in rows if row["way"] == way] for way in {row["way"] for row in rows}}
    assert all(float(row["difference"]) <= 1e-6 for row in ways[cpp_inference.TORCHSCRIPT])
    assert {row["outcome"] for row in ways[cpp_inference.PACKAGE]} == {cpp_inference.LEFT_OUT}


def test_other_numbers_from_cpp_would_be_seen(made, pretend_programs):
    pretend_programs(lambda _, inputs: torch.zeros(len(inputs), 10))
    entry, _ = made("cpp-inference", ways=["torchscript"])
    assert entry["verdict"] == "differs"


def test_aotinductor_gives_the_same_numbers_from_cpp_and_from_python(artefacts):
    """The whole of the full edition, for one small network; it takes a minute."""
    needs_compiler()
    settings = artefacts.settings("cpp-inference")
    check_made(artefacts.results, replace(settings, runs=settings.runs[:1]))
    rows = {row["way"]: row for row in artefacts.rows("cpp-inference")}
    for way in (cpp_inference.PACKAGE, cpp_inference.COMPILED, cpp_inference.TORCHSCRIPT):
        assert float(rows[way]["difference"]) <= 1e-6, rows[way]
