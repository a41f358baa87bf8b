"""What 'make fuzz' counts as a finding, and that its damage is damage."""

import gzip
import importlib.util
import lzma
import os
import random
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_copy import REPOSITORY

spec = importlib.util.spec_from_file_location("fuzz", REPOSITORY / "tools" / "fuzz.py")
fuzz = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)


def fails():
    raise RuntimeError("a decoder's own")


ENDINGS = {
    "read": lambda: 0,
    "refused": lambda: 2,
    "traceback": fails,
    "too slow": lambda: time.sleep(60),
    f"signal {signal.SIGKILL}": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


@pytest.mark.parametrize("answer", ENDINGS)
def test_every_way_to_end_is_told_apart(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(fuzz, "SECONDS", 1)
    monkeypatch.setattr(fuzz.cli, "main", lambda _: ENDINGS[answer]())
    assert fuzz.read("mnist", tmp_path, tmp_path / "said.txt") == answer


def test_an_allocation_beyond_the_limit_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz.cli, "_step_module", lambda _: bytes(fuzz.MEMORY))
    assert fuzz.read("mnist", tmp_path, tmp_path / "said.txt") == "too much memory"


# What begins like a packed file is a whole one: ``damage`` is given no others.
PLAIN = st.binary(min_size=1, max_size=300).filter(lambda content: not content.startswith(tuple(fuzz.PACKERS)))


@given(st.one_of(PLAIN, PLAIN.map(gzip.compress), PLAIN.map(lzma.compress)), st.integers())
def test_damage_repeats_with_its_seed(content, seed):
    assert fuzz.damage(content, random.Random(seed)) == fuzz.damage(content, random.Random(seed))


def test_packed_files_are_damaged_inside_too():
    packed = gzip.compress(b"letters" * 100)
    found = {fuzz.damage(packed, random.Random(seed))[1].partition(":")[0] for seed in range(50)}
    assert "inside" in found
    assert len(found) > 5
    changed = [fuzz.damage(packed, random.Random(seed))[0] != packed for seed in range(50)]
    assert sum(changed) > 40
