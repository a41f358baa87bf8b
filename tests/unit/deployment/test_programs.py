"""The C++ programs: finding tools, building, and what is said where that is not possible."""

import stat
from pathlib import Path

import numpy as np
import pytest
import torch
from rework.deployment import programs
from rework.deployment.conversions import save_traced, torchscript_missing
from rework.deployment.programs import NotBuiltError, Tools, build, configure, find_tools, run
from torch import nn


def tool(folder, name, script="exit 0"):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def tools_here(tmp_path, monkeypatch):
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CXX", raising=False)
    return folder


def test_the_files_are_those_that_the_code_fingerprint_stands_for():
    assert programs.digest_of_sources() == programs.DIGEST


@pytest.mark.parametrize(
    ("there", "lacking"),
    [
        ((), "no CMake on this machine (cmake)"),
        (("cmake", "make"), "no C++ compiler on this machine (c++ or g++ or clang++)"),
        (("cmake", "c++"), "no program that CMake builds with on this machine (ninja or make)"),
    ],
)
def test_what_is_missing_is_named_in_one_line(tools_here, there, lacking):
    for name in there:
        tool(tools_here, name)
    with pytest.raises(NotBuiltError, match="install CMake and a C") as caught:
        find_tools()
    assert lacking in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_compiler_is_the_one_that_is_asked_for(tools_here, monkeypatch):
    for name in ("cmake", "make", "c++", "my-c++"):
        tool(tools_here, name)
    assert find_tools() == Tools(*(str(tools_here / name) for name in ("cmake", "c++", "make")))
    monkeypatch.setenv("CXX", "my-c++")
    assert find_tools().compiler == str(tools_here / "my-c++")
    monkeypatch.setenv("CXX", "none")
    with pytest.raises(NotBuiltError, match=r"no C\+\+ compiler on this machine \(none\)"):
        find_tools()


def test_a_failing_tool_is_quoted_without_temporary_paths(tools_here, tmp_path):
    failing = tool(tools_here, "cmake", f"echo preparing; echo 'CMake Error: in {tmp_path}/build' >&2; exit 3")
    with pytest.raises(NotBuiltError) as caught:
        configure(Tools(str(failing), "c++", "make"), tmp_path / "build")
    assert str(caught.value) == "cmake failed with status 3: CMake Error: in ./build"


def test_a_program_that_cannot_start_or_takes_too_long(tmp_path, monkeypatch):
    inputs = np.zeros((2, 3), np.float32)
    with pytest.raises(NotBuiltError, match=r"none did not end well \(FileNotFoundError\)"):
        run(tmp_path / "none", tmp_path / "model.pt", inputs)
    monkeypatch.setattr(programs, "RUN_SECONDS", 0.1)
    with pytest.raises(NotBuiltError, match=r"slow did not end well \(TimeoutExpired\)"):
        run(tool(tmp_path, "slow", "sleep 5"), tmp_path / "model.pt", inputs)


@pytest.mark.parametrize("printed", ["1 2\\n3 4\\n5 6\\n", "1 2\\n3\\n", "one two\\n3 4\\n", ""])
def test_what_is_no_row_for_each_input_is_refused(tmp_path, printed):
    with pytest.raises(NotBuiltError, match="printed no row of numbers for each of the 2 inputs"):
        run(tool(tmp_path, "said", f"printf '{printed}'"), tmp_path / "model.pt", np.zeros((2, 3), np.float32))


def test_rows_are_read_and_inputs_are_written_as_raw_numbers(tmp_path):
    inputs = np.array([[0.5, -1.25], [3, 4]], np.float32)
    found = run(tool(tmp_path, "said", "printf '0.100000001 2\\n3 4e-3\\n'"), tmp_path / "model.pt", inputs)
    np.testing.assert_array_equal(found, np.array([[0.1, 2], [3, 0.004]], np.float32))
    np.testing.assert_array_equal(np.fromfile(tmp_path / "model.inputs", "<f4"), [0.5, -1.25, 3, 4])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The program that loads TorchScript, or a skipped test with the reason."""
    if missing := torchscript_missing():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("cpp")
    try:
        tools = find_tools()
    except NotBuiltError as error:
        pytest.skip(str(error))
    configure(tools, folder / "build")
    return build("torchscript", tools, folder / "build")


@pytest.mark.slow
def test_a_traced_network_gives_the_same_numbers_from_cpp(built, tmp_path):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 5)).eval()
    inputs = torch.randn(6, 2, 6, 6)
    save_traced(network, inputs[:1], tmp_path / "model.pt")
    with torch.no_grad():
        expected = network(inputs).numpy()
    found = run(built, tmp_path / "model.pt", inputs.numpy())
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    other = run(built, tmp_path / "model.pt", -inputs.numpy())
    assert np.abs(other - expected).max() > 0.1, "other inputs give other numbers"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.pt", "inputs", "1", "4"], "missing.pt"),
        (["model.pt", "inputs", "1", "5"], "inputs: expected 20 bytes"),
        (["model.pt", "inputs", "1", "3"], "inputs: expected 12 bytes"),
        (["model.pt", "inputs", "0", "4"], "a size of the inputs is out of range"),
        (["model.pt", "inputs", "100000", "100000"], "a size of the inputs is out of range"),
        (["model.pt", "inputs", "-3"], "a size of the inputs is out of range"),
        (["model.pt"], "usage: "),
    ],
)
def test_the_program_refuses_what_does_not_fit(built, tmp_path, monkeypatch, words, said):
    save_traced(nn.Linear(4, 2), torch.zeros(1, 4), tmp_path / "model.pt")
    np.zeros(4, "<f4").tofile(tmp_path / "inputs")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotBuiltError) as caught:
        programs._call([str(built), *words], Path("/nowhere"), 60)
    assert said in str(caught.value)
    assert "frame #" not in str(caught.value)
