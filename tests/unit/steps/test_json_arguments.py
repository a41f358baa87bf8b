"""JSON on the command line: what is none, or means no settings, is one line."""

import json

import pytest
from rework.cli import main

BAD = {
    "no JSON": "device: cpu",
    "half of it": '{"device": "cpu"',
    "nothing": "",
    "a list": "[1, 2]",
    "a number": "3",
    "a text": '"device"',
    "null": "null",
    "no number": '{"seeds": NaN}',
    "thousands of digits": "1" * 5000,
    "deep lists": "[" * 100_000,
    "deep objects": '{"a": ' * 100_000 + "1" + "}" * 100_000,
    "nested 200 deep": '{"a": ' * 200 + "1" + "}" * 200,
    "an unknown key": '{"no_such_key": 1}',
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("step", ["report", "verify", "publish"])
def test_overrides_that_are_none(capsys, monkeypatch, tmp_path, step, bad):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "full").mkdir(parents=True)
    words = [step, "ocr"] if step == "publish" else [step]
    assert main([*words, "--overrides", BAD[bad]]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith((f"error: {step}: --overrides", "error: config/config.yaml with --config: key no_such_key:"))


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("step", ["artefact", "preprocess", "sample", "weights"])
def test_settings_that_are_none(capsys, monkeypatch, tmp_path, step, bad):
    monkeypatch.chdir(tmp_path)
    assert main([step, "--settings", BAD[bad], "--results", "results"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"error: {step}: --settings")
    assert len(said) < 500


def test_right_overrides_are_taken(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "full").mkdir(parents=True)
    assert main(["verify", "--overrides", json.dumps({"device": "gpu"})]) == 2
    assert "key device: found 'gpu', expected one of auto, cpu, cuda" in capsys.readouterr().err
