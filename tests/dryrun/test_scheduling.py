"""How often Snakemake considers which jobs to start, on this machine."""

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("words", "once"), [((), True), (("--max-jobs-per-timespan", "99/1s"), False)])
def test_ready_jobs_are_considered_once_for_each_that_ends_unless_a_rate_is_asked_for(fresh_pair, words, once):
    fresh_pair.pretend()
    # Longer than the second after which Snakemake looks again because of a rate.
    fresh_pair.append("workflow/rework/__main__.py", "\nimport time\n\ntime.sleep(1.2)\n")
    models = [job.wildcards.removeprefix("model=") for job in fresh_pair.jobs("sample") if job.rule == "describe"]
    assert len(models) > 1
    targets = [f"results/sample/models/{model}.json" for model in models]
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--verbose", *words, *targets]
    done = subprocess.run(command, cwd=fresh_pair.root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    considered = len(re.findall("^Ready jobs: ", done.stderr, flags=re.MULTILINE))
    assert considered == len(models) if once else considered > len(models)
