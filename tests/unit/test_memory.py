"""Memory that is kept for what is allocated next."""

import subprocess
import sys

import pytest
from tiny_runs import WORKFLOW

# Blocks as large as the activations of a batch, freed before the next; the system counts the pages that it fills.
BLOCKS = """
import ctypes, resource, sys
from rework.memory import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    blocks = [libc.malloc(20 << 20) for _ in range(3)]
    for block in blocks:
        ctypes.memset(block, 1, 20 << 20)
    for block in blocks:
        libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has the function")
def test_freed_memory_is_used_again_without_filling_its_pages_anew():
    faults = {}
    for how in ("kept", "given back"):
        command = [sys.executable, "-c", BLOCKS, how]
        done = subprocess.run(command, env={"PYTHONPATH": str(WORKFLOW)}, capture_output=True, text=True, check=True)
        faults[how] = int(done.stdout)
    assert faults["kept"] < faults["given back"] / 5
