"""Training recorded runs again, from their recorded settings, and comparing the bytes with the recorded ones.

A hash that fits its record proves that a file was not changed since; only a second training proves that the file is
what the settings, the code and the data give.
"""

import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rework import paths
from rework.auditing.expected import FORMER
from rework.auditing.places import FILE, what_is
from rework.catalogue.plan import Plan, owner_and_name
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.messages import short_reason
from rework.provenance import LIBRARY_ROOT, code_fingerprint, environment, packages_hash
from rework.record_shapes import METRICS, TRAINING, read_shaped
from rework.recorded import verified_sha256
from rework.seeds import derive_seed
from rework.settings.run import CaptureSettings, RunSettings
from rework.system_faults import fault_sentence

COMPARED = (*paths.TRAINED_FILES, "predictions.npz")


@dataclass(frozen=True)
class Retrained:
    """A run and its seed, what came of training it again, in a sentence, and whether that speaks against the record."""

    run: str
    seed: int
    said: str
    wrong: bool = False


@dataclass(frozen=True)
class _Recorded:
    """A recorded training: its settings, its record, what was measured, and what an evaluation keeps, as configured."""

    settings: RunSettings
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Any]
    capture: CaptureSettings


def chosen_runs(plan: Plan, count: int, name: str) -> list[tuple[str, int]]:
    """Return that many of the trained runs of an edition, with their seeds; the same name chooses the same ones."""
    trained = [
        (run, seed)
        for run, seed in plan.runs()
        if what_is(paths.run_dir(plan.results, *owner_and_name(run), seed) / "provenance.json") == FILE
    ]
    chosen = random.Random(derive_seed(0, "retrain", name)).sample(trained, min(count, len(trained)))
    return sorted(chosen, key=trained.index)


def retrain(plan: Plan, run: str, seed: int, sources: Sequence[Path], folder: Path) -> Retrained:
    """Train and measure a run again in a folder, and compare its files with the recorded ones.

    Args:
        plan: the files of the edition that the run belongs to.
        run: its id.
        seed: its seed.
        sources: results folders to look for its data set and first weights in.
        folder: an empty folder, for the results.
    """
    try:
        recorded = _read(plan, run, seed)
        _link_inputs(recorded, sources, folder)
        _make(recorded, folder)
        found = _differences(recorded, folder)
    except (ConfigError, DataError) as error:
        return Retrained(run, seed, f"cannot be trained again: {error}")
    except OSError as error:
        return Retrained(run, seed, f"cannot be trained again: {fault_sentence(error) or short_reason(error)}")
    outcome = f"differs in {', '.join(found)}" if found else "the same bytes of weights, history and predictions"
    others = _other_circumstances(recorded)
    if others:
        return Retrained(run, seed, f"cannot be compared, because {' and '.join(others)}; trained again, {outcome}")
    return Retrained(run, seed, outcome, wrong=bool(found))


def _read(plan: Plan, run: str, seed: int) -> _Recorded:
    folder = paths.run_dir(plan.results, *owner_and_name(run), seed)
    provenance = read_shaped(folder / "provenance.json", TRAINING)
    metrics = read_shaped(folder / "metrics.json", METRICS)
    stored = {key: value for key, value in provenance["settings"].items() if key not in FORMER}
    settings = RunSettings.from_json(stored, f"settings of {folder / 'provenance.json'}")
    if (settings.writeup, settings.run, settings.seed) != (*owner_and_name(run), seed):
        raise DataError(f"{folder / 'provenance.json'}: is the record of {settings.id}, seed {settings.seed}")
    return _Recorded(settings, provenance, metrics, plan.run(run, seed).capture)


def _link_inputs(recorded: _Recorded, sources: Sequence[Path], folder: Path) -> None:
    """Let the folder have what the training read, from the first results that hold all of it.

    Raises:
        DataError: none does, or it is not what was read then.
    """
    for name, digest in recorded.provenance["inputs"].items():
        there = [source / name for source in sources if _is_whole(source / name)]
        if not there:
            raise DataError(f"{name} and the files that belong to it are not there")
        same = [path for path in there if verified_sha256(path) == digest]
        if not same:
            raise DataError(f"{there[0]} is not what it was trained on")
        # A data set is in a folder of its own; weights are in one with others.
        kind = Path(name).parent if name.startswith("data/") else Path(name)
        for part in (kind,) if name.startswith("data/") else (kind, kind.with_suffix(".json")):
            target = folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to((same[0].parents[len(Path(name).parts) - 1] / part).resolve())


def _is_whole(path: Path) -> bool:
    """Return whether an input is there with its arrays: published results hold only descriptions."""
    arrays = (".npy", ".npz", ".csv")
    return what_is(path) == FILE and (
        path.suffix != ".json" or any(file.suffix in arrays for file in path.parent.iterdir())
    )


def _make(recorded: _Recorded, folder: Path) -> None:
    """Call the steps as the rules do, each in a process of its own."""
    settings = recorded.settings
    device = "cuda" if recorded.provenance["device"].startswith("cuda") else "cpu"
    if settings.task is None:
        _step("fit", settings, folder)
        return
    _step("train", settings, folder, "--device", device)
    # What an evaluation keeps is no setting of the training, so its record does not hold it.
    _step("evaluate", replace(settings, capture=recorded.capture), folder, "--device", device)


def _step(step: str, settings: RunSettings, folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "rework", step, "--settings", settings.to_json(), "--results", str(folder)]
    done = subprocess.run(  # noqa: S603 - this library's own steps
        [*command, *options],
        env={**os.environ, "PYTHONPATH": str(LIBRARY_ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"ended with status {done.returncode}"])[-1]
        raise DataError(f"the step {step} failed: {short_reason(ValueError(said.removeprefix('error: ')))}")


def _differences(recorded: _Recorded, folder: Path) -> list[str]:
    """Return what is not as recorded: files by their hashes, and metrics by their values."""
    made = paths.run_dir(folder, recorded.settings.writeup, recorded.settings.run, recorded.settings.seed)
    hashes = {**recorded.provenance["outputs"], **recorded.metrics["provenance"].get("outputs", {})}
    found = [name for name in COMPARED if name in hashes and sha256_file(made / name) != hashes[name]]
    before, now = recorded.metrics["metrics"], read_shaped(made / "metrics.json", METRICS)["metrics"]
    return found + [
        f"{name} {now[name]['value']!r} (recorded {value['value']!r})" if name in now else f"{name} (not measured now)"
        for name, value in before.items()
        if now.get(name) != value
    ]


def _other_circumstances(recorded: _Recorded) -> list[str]:
    """Return what is not as it was when the run was trained, and may change its bytes."""
    settings, provenance = recorded.settings, recorded.provenance
    step, family = ("fit", "engines") if settings.task is None else ("train", "training")
    there, here = provenance["environment"], environment()
    try:
        code = code_fingerprint(f"rework.steps.{step}", *settings.modules)
    except ConfigError:
        code = ""
    versions = {name: version for name, version in there["packages"].items() if here["packages"].get(name) != version}
    told = {
        "the code is another": code != provenance["code"],
        "the packages of its environment are others": provenance.get("packages") != packages_hash(family),
        f"it had {', '.join(f'{name} {version}' for name, version in versions.items())}": bool(versions),
        f"it was trained with Python {there.get('python')}": there.get("python") != here["python"],
        f"it was trained on {there.get('cpu')}": there.get("cpu") != here["cpu"],
    }
    return [reason for reason, holds in told.items() if holds]
