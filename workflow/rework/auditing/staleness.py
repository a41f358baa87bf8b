"""Results that today's code, packages or configuration would make anew: right when they were made, but not today's.

Snakemake knows this only of results that it made itself in this folder. Here it is told from the records alone, so that
it can be said of published results too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.plan import Plan, owner_and_name
from rework.errors import ConfigError, DataError
from rework.files import canonical_json
from rework.provenance import code_fingerprint, packages_hash
from rework.recorded import read_record
from rework.settings.plain import plain

CODE, PACKAGES, SETTINGS = "other code", "other packages", "other settings"


@dataclass(frozen=True)
class Expected:
    """What a record would say if its result were made today.

    Attributes:
        kind: what the result is, in the plural.
        name: its id; the seeds of a run share one.
        record: the file that says how it was made.
        step: the step that makes it.
        family: the environment that it is made in.
        modules: the modules that the step imports by name.
        settings: those of a training; empty where the record holds none.
    """

    kind: str
    name: str
    record: Path
    step: str
    family: str
    modules: tuple[str, ...]
    settings: Mapping[str, Any]


def stale_results(plan: Plan) -> dict[tuple[str, str], list[str]]:
    """Return the names of the results that are not today's, by their kind and by why they are not.

    A record that cannot be read is not among them: ``audit_edition`` reports it.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for expected in expected_records(plan):
        for reason in _reasons(expected):
            names = found.setdefault((expected.kind, reason), [])
            if expected.name not in names:
                names.append(expected.name)
    return found


def expected_records(plan: Plan) -> Iterator[Expected]:
    """Yield what the record of each planned data set, training, evaluation and artefact should say."""
    for name in plan.catalogue.dataset_names():
        layout, dataset = plan.layout(name), plan.dataset(name)
        record = paths.dataset_dir(plan.results, name) / "dataset.json"
        modules = (dataset.module, layout.writer)
        yield Expected("data sets", name, record, "preprocess", layout.packages, modules, {})
    for run, seed in plan.runs():
        folder = paths.run_dir(plan.results, *owner_and_name(run), seed)
        engine = plan.catalogue.is_engine(run)
        settings = plan.run(run, seed) if engine else plan.trained(run, seed)
        step, family = ("fit", "engines") if engine else ("train", "training")
        said = json.loads(canonical_json(plain(settings)))
        yield Expected("trainings", run, folder / "provenance.json", step, family, settings.modules, said)
        if not engine:
            yield Expected("evaluations", run, folder / "metrics.json", "evaluate", family, settings.modules, {})
    for name in plan.built_artefacts():
        record = paths.artefact_file(plan.results, name, "json")
        yield Expected("artefacts", name, record, "artefact", "plots", plan.made(name).modules, {})


def _reasons(expected: Expected) -> list[str]:
    if not expected.record.is_file():
        return []
    try:
        content = read_record(expected.record)
        code = code_fingerprint(f"rework.steps.{expected.step}", *expected.modules)
    except (ConfigError, DataError):
        return []
    said = content.get("provenance", content)
    return [
        reason
        for reason, differs in (
            (CODE, said.get("code") != code),
            (PACKAGES, said.get("packages") != packages_hash(expected.family)),
            (SETTINGS, bool(expected.settings) and content.get("settings") != expected.settings),
        )
        if differs
    ]
