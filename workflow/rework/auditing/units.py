"""What an edition consists of: of each data set, model, run, reading and artefact, the files and what records say.

A unit is made as a whole: one of which nothing is there has not been made yet, and one with a gap has lost something.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.plan import Plan, owner_and_name
from rework.record_shapes import DATASET, METRICS, MODEL, READING, SIDECAR, TRAINING, WEIGHTS
from rework.shapes import Keys


@dataclass(frozen=True)
class Record:
    """A record of a unit.

    Attributes:
        path: its file.
        shape: what it must be.
        says: what it must say about whose record it is, by dotted key.
        covers: the files beside it whose hashes it must hold.
    """

    path: Path
    shape: Keys
    says: Mapping[str, Any] = field(default_factory=dict)
    covers: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Unit:
    """Something that is made as a whole: its name for readers, its files and its records."""

    title: str
    files: tuple[Path, ...]
    records: tuple[Record, ...]


def units(plan: Plan, *, published: bool) -> Iterator[Unit]:
    """Yield what an edition consists of; of published results, only what is small enough to be published."""
    for unit in _all_units(plan):
        small = tuple(file for file in unit.files if not published or is_published(plan, file))
        if small:
            records = tuple(record for record in unit.records if record.path in small)
            yield Unit(unit.title, small, records)


def is_published(plan: Plan, file: Path) -> bool:
    """Return whether a result is small enough to be published: a record, or a table or drawing of a run or artefact."""
    kind = file.relative_to(plan.results).parts[0]
    if kind in ("runs", "artefacts"):
        return file.suffix in (".json", ".csv", ".svg")
    return file.suffix == ".json" and kind != "readings"


def _all_units(plan: Plan) -> Iterator[Unit]:
    yield from _data(plan)
    for owner, name in plan.catalogue.model_ids():
        path = paths.model_description(plan.results, owner, name)
        yield Unit(f"model {owner}/{name}", (path,), (Record(path, MODEL),))
    for run, seed in plan.runs():
        yield from _run(plan, run, seed)
    for run, seed, pages in plan.readings():
        reading = paths.reading_file(plan.results, pages, run, seed)
        record = paths.reading_record(plan.results, pages, run, seed)
        says = {"run": run, "seed": seed, "pages": pages}
        title = f"reading of {pages} by {run}, seed {seed}"
        yield Unit(title, (reading, record), (Record(record, READING, says, (reading,)),))
    for name in plan.built_artefacts():
        sidecar, *others = plan.artefact_files(name)
        says = {"id": name, "kind": plan.artefact(name).kind, "files": [other.name for other in others]}
        yield Unit(f"artefact {name}", (sidecar, *others), (Record(sidecar, SIDECAR, says, tuple(others)),))


def _data(plan: Plan) -> Iterator[Unit]:
    sample = plan.edition == "sample"
    for name in plan.catalogue.dataset_names():
        description, *others = plan.dataset_files(name)
        record = Record(description, DATASET, {"name": name, "sample": sample}, tuple(others))
        yield Unit(f"data set {name}", (description, *others), (record,))
    for asset in plan.catalogue.initial_assets():
        weights, description = plan.initial_files(asset)
        record = Record(description, WEIGHTS, {"name": asset, "sample": sample}, (weights,))
        yield Unit(f"weights {asset}", (weights, description), (record,))


def _run(plan: Plan, run: str, seed: int) -> Iterator[Unit]:
    writeup, name = owner_and_name(run)
    folder = paths.run_dir(plan.results, writeup, name, seed)
    trained = tuple(folder / file for file in paths.TRAINED_FILES)
    whose = {"settings.writeup": writeup, "settings.run": name, "settings.seed": seed}
    provenance, metrics, predictions = (folder / name for name in paths.RUN_FILES[-3:])
    record = Record(provenance, TRAINING, whose, trained)
    yield Unit(f"training of {run}, seed {seed}", (*trained, provenance), (record,))
    record = Record(metrics, METRICS, {"run": run, "seed": seed}, (predictions,))
    yield Unit(f"evaluation of {run}, seed {seed}", (metrics, predictions), (record,))
