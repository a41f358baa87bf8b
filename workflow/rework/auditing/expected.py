"""What the records of an edition would say if their results were made today."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.plan import Plan, owner_and_name
from rework.errors import ConfigError
from rework.files import canonical_json
from rework.record_shapes import DATASET, MANIFEST, METRICS, MODEL, READING, SIDECAR, TRAINING, WEIGHTS
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from rework.settings.run import RunSettings
from rework.shapes import Keys

FORMER = ("assumed",)
"""Keys that older code stored with the settings of a run, and that were for the report alone."""


@dataclass(frozen=True)
class Expected:
    """What a record would say if its result were made today.

    Attributes:
        kind: what the result is, in the plural.
        name: its id; the seeds of a run share one.
        record: the file that says how it was made.
        shape: the shape of that record.
        step: the step that makes it.
        family: the environment that it is made in.
        modules: the modules that the step imports by name.
        settings: the settings that the record holds, as far as it holds any.
        recorded: how they are taken from the record, to be compared.
    """

    kind: str
    name: str
    record: Path
    shape: Keys
    step: str
    family: str
    modules: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    recorded: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda _: {}


def expected_records(plan: Plan) -> Iterator[Expected]:
    """Yield what the record of each planned result should say."""
    yield from _data(plan)
    for owner, name in plan.catalogue.model_ids():
        record, model = paths.model_description(plan.results, owner, name), plan.catalogue.model(owner, name)
        said = {"model": _as_stored(plain(model))}
        name = f"{owner}/{name}"
        yield Expected("models", name, record, MODEL, "describe", "training", (model.module,), said, _itself)
    yield from _runs(plan)
    for run, seed, pages in plan.readings():
        record = paths.reading_record(plan.results, pages, run, seed)
        modules = (plan.run(run, seed).model_module,)
        yield Expected("readings", f"{run} of {pages}", record, READING, "read", "handwriting", modules)
    for name in plan.built_artefacts():
        record, made = paths.artefact_file(plan.results, name, "json"), plan.made(name)
        said, then = _shown(made), _shown_then(made)
        yield Expected("artefacts", name, record, SIDECAR, "artefact", "plots", made.modules, said, then)
    record, said = paths.report_dir(plan.results) / "manifest.json", {"configuration": plan.digest()}
    yield Expected("reports", "report", record, MANIFEST, "report", "report", (), said, _itself)


def _data(plan: Plan) -> Iterator[Expected]:
    for name in plan.catalogue.dataset_names():
        layout, dataset = plan.layout(name), plan.dataset(name)
        record = paths.dataset_dir(plan.results, name) / "dataset.json"
        modules, said = (dataset.module, layout.writer), _of_data(dataset)
        family = layout.packages
        yield Expected("data sets", name, record, DATASET, "preprocess", family, modules, said, _of_data_then)
    for asset in plan.catalogue.initial_assets():
        record, converted = plan.initial_files(asset)[1], plan.initial_settings(asset)
        generator, said = (converted.sample_module,) if converted.sample else (), _of_data(converted)
        yield Expected("weights", asset, record, WEIGHTS, "weights", "training", generator, said, _of_data_then)


def _runs(plan: Plan) -> Iterator[Expected]:
    for run, seed in plan.runs():
        folder = paths.run_dir(plan.results, *owner_and_name(run), seed)
        engine = plan.catalogue.is_engine(run)
        settings = plan.run(run, seed) if engine else plan.trained(run, seed)
        step, family = ("fit", "engines") if engine else ("train", "training")
        said = _as_stored(plain(settings))
        record = folder / "provenance.json"
        yield Expected("trainings", run, record, TRAINING, step, family, settings.modules, said, _trained_with)
        if not engine:
            yield Expected("evaluations", run, folder / "metrics.json", METRICS, "evaluate", family, settings.modules)


def _as_stored(settings: Any) -> Any:
    return json.loads(canonical_json(settings))


def _trained_with(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a training; those that did not exist yet were what is the default now."""
    stored: dict[str, Any] = {key: value for key, value in content["settings"].items() if key not in FORMER}
    try:
        settings: dict[str, Any] = _as_stored(plain(RunSettings.from_json(stored)))
    except ConfigError:
        return stored
    return settings


def _itself(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return content


def _of_data(settings: DatasetSettings) -> dict[str, Any]:
    """Return what a description holds of the settings of a data set: nothing of options and seed.

    Files without a published checksum are not compared here, and those of the sample edition are generated.
    """
    assets = [{"id": asset.id, "file": asset.file, "sha256": asset.sha256} for asset in settings.assets]
    return {"layout": settings.layout, "sample": settings.sample, **({} if settings.sample else {"assets": assets})}


def _of_data_then(content: Mapping[str, Any]) -> Mapping[str, Any]:
    assets = [{key: asset[key] for key in ("id", "file", "sha256")} for asset in content["assets"]]
    return {**content, "assets": assets}


def _shown(settings: ArtefactSettings) -> dict[str, Any]:
    """Return what a sidecar holds of the settings of an artefact: its runs and data, nothing of its options."""
    weights = [*(run.initial for run in settings.runs if run.initial is not None), *settings.weights]
    data = [*(run.dataset for run in settings.runs), *settings.datasets]
    return {
        "kind": settings.kind,
        "runs": {run.run: {"label": run.label, "length": run.length} for run in settings.runs},
        "seeds": {run.run: sorted(run.seeds) for run in settings.runs},
        "data": [*dict.fromkeys(data), *dict.fromkeys(weights)],
    }


def _shown_then(settings: ArtefactSettings) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Return the function that takes from a sidecar what ``_shown`` takes from the settings of the artefact."""

    def shown(content: Mapping[str, Any]) -> Mapping[str, Any]:
        runs = {run["run"]: {key: run.get(key) for key in ("label", "length")} for run in content["runs"]}
        seeds = {run["run"]: run["seeds"] for run in content["runs"]}
        for run in settings.runs:
            # An artefact that shows the first seed only reads no other.
            if seeds.get(run.run) == list(run.seeds[:1]):
                seeds[run.run] = sorted(run.seeds)
        data = [used["name"] for used in content["data"]]
        return {"kind": content["kind"], "runs": runs, "seeds": seeds, "data": data}

    return shown
