"""What 'make torture' says at its end."""

import importlib.util
from collections import Counter

import pytest
from workflow_copy import REPOSITORY

spec = importlib.util.spec_from_file_location("torture", REPOSITORY / "tools" / "torture.py")
torture = importlib.util.module_from_spec(spec)
spec.loader.exec_module(torture)


@pytest.mark.parametrize(
    ("answer", "status", "said"), [("same, not struck", 0, "no findings"), ("other bytes in x", 1, "2 findings in")]
)
def test_findings_are_counted_and_their_folder_is_kept(tmp_path, capsys, answer, status, said):
    folder = tmp_path / "torture"
    folder.mkdir()
    assert torture.summed_up(Counter({("words", "same"): 3, ("words", answer): 2}), folder) == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(said)
    assert len(lines) == 3
    assert folder.exists() == bool(status)
