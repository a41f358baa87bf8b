"""One file of ``config/writeups``: its runs, sweeps, artefacts, published values and claims, checked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.catalogue.artefact_functions import check_artefact
from rework.catalogue.datasets import Dataset
from rework.catalogue.loading import load_yaml
from rework.catalogue.signatures import (
    TRAINING_KEYS,
    build_parameters,
    check_parameters,
    measured_metrics,
    training_keys,
)
from rework.catalogue.sweeps import RUN_NAME, expand_sweep, overlay, sweep_run_name
from rework.catalogue.validation import validate
from rework.engines.families import is_engine
from rework.errors import ConfigError
from rework.messages import unknown_key, unknown_name
from rework.settings.artefact import ArtefactSettings, Claim, PublishedValue, RunReference
from rework.settings.run import ModelSettings

_Tables = dict[str, dict[str, Any]]
_OPTIMISER_OPTIONS = {
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov"),
    "adam": ("betas", "eps", "weight_decay", "amsgrad"),
}
ENGINE_LOSSES = ("squared-error",)
"""Losses that the training loop does not know."""
# What only the training loop reads.
_TORCH_KEYS = ("words_per_update", "max_steps", "l2", "probe", "precision", "capture", "initial")


@dataclass(frozen=True)
class Writeup:
    """A writeup as the configuration declares it.

    ``runs`` and ``sample_runs`` hold the validated tables of every run, sweeps expanded, for the two editions.
    ``artefacts`` carry references to runs by name only; the catalogue adds what the edition says of them.
    """

    id: str
    shown: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    file: str
    summary: str
    models: Mapping[str, ModelSettings]
    runs: Mapping[str, Mapping[str, Any]]
    sample_runs: Mapping[str, Mapping[str, Any]]
    artefacts: Mapping[str, ArtefactSettings]
    run_labels: Mapping[str, Mapping[str, str]]


def writeup_files(root: Path) -> list[Path]:
    """Return the files of ``config/writeups`` below a folder.

    Raises:
        ConfigError: there is none, or something else lies beside them, which nothing would read.
    """
    folder = root / "config" / "writeups"
    found = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in found:
        if path.suffix != ".yaml" or not path.is_file():
            raise ConfigError(f"config/writeups/{path.name}: nothing reads it; expected a file {path.stem}.yaml")
    if not found:
        raise ConfigError("config/writeups: no file; expected one <writeup>.yaml for each writeup")
    return found


def load_writeup(path: Path, datasets: Mapping[str, Dataset]) -> Writeup:
    """Read and check a writeup's file.

    Raises:
        ConfigError: it does not fit its schema, or one part of it names another that does not exist.
    """
    shown = f"config/writeups/{path.name}"
    table = load_yaml(path, shown)
    validate(table, "writeup", shown)
    if table["id"] != path.stem:
        raise ConfigError(f"{shown}: key id: found {table['id']!r}, expected the file's name {path.stem!r}")
    runs, sample_runs = _runs(table, shown, datasets)
    models = {name: _model(model, f"{shown}: key models.{name}") for name, model in table.get("models", {}).items()}
    return Writeup(
        id=table["id"],
        shown=shown,
        title=table["title"],
        authors=tuple(table["authors"]),
        year=table.get("year"),
        file=table["file"],
        summary=table["summary"],
        models=models,
        runs=runs,
        sample_runs=sample_runs,
        artefacts=_artefacts(table, shown, runs, models, datasets),
        run_labels={name: artefact.get("run_labels", {}) for name, artefact in table["artefacts"].items()},
    )


def _runs(table: Mapping[str, Any], shown: str, datasets: Mapping[str, Dataset]) -> tuple[_Tables, _Tables]:
    """Return all runs, the declared ones and then those of the sweeps, for the full and for the sample edition."""
    full: _Tables = {}
    sample: _Tables = {}

    def add(name: str, run: dict[str, Any], origin: str) -> None:
        full[name] = run
        sample[name] = _sample_run(run, shown, origin, datasets)

    for name, run in table.get("runs", {}).items():
        if not RUN_NAME.fullmatch(name):
            raise ConfigError(f"{shown}: key runs.{name}: expected letters and digits, joined by -, _ or .")
        _check_run(run, f"{shown}: key runs.{name}", datasets)
        add(name, run, f"runs.{name}")
    declared = dict(full)
    for sweep_name, sweep in table.get("sweeps", {}).items():
        origin = f"sweeps.{sweep_name}"
        for setting, run in expand_sweep(sweep_name, sweep, declared, shown):
            # The base run is right, so whatever is wrong now comes from the sweep.
            validate(run, "writeup", shown, part="run", prefix=f"{origin}.over")
            _check_run(run, f"{shown}: key {origin}.over", datasets)
            name = sweep_run_name(sweep["name"], setting, f"{shown}: key {origin}.name")
            if name in full:
                raise ConfigError(
                    f"{shown}: key {origin}.name: there is already a run {name!r}; put every key of over into the name"
                )
            add(name, run, origin)
    return full, sample


def _sample_run(run: Mapping[str, Any], shown: str, origin: str, datasets: Mapping[str, Dataset]) -> dict[str, Any]:
    table = overlay({key: value for key, value in run.items() if key != "sample"}, run.get("sample", {}))
    if run.get("sample"):
        validate(table, "writeup", shown, part="run", prefix=f"{origin}.sample")
        _check_run(table, f"{shown}: key {origin}.sample", datasets)
    return table


def _check_run(run: Mapping[str, Any], where: str, datasets: Mapping[str, Dataset]) -> None:
    dataset = run["data"]["dataset"]
    if dataset not in datasets:
        raise ConfigError(f"{where}.data.dataset: {unknown_name('data set', dataset, datasets)}")
    _model(run["model"], f"{where}.model")
    _check_optimiser(run.get("optimiser", {}), where)
    _check_keys(run, where)
    if not is_engine(run["model"]["name"]):
        _check_view(run, where)
    settings = _setting_names(run)
    for position, assumed in enumerate(run.get("assumed", ())):
        if assumed not in settings:
            raise ConfigError(f"{where}.assumed[{position}]: {unknown_name('setting', assumed, settings)}")


def _check_optimiser(optimiser: Mapping[str, Any], where: str) -> None:
    known = _OPTIMISER_OPTIONS[optimiser["name"]] if optimiser else ()
    for option in optimiser:
        if option not in (*known, "name", "learning_rate", "schedule"):
            shown, _, key = where.partition(": key ")
            raise ConfigError(f"{shown}: {unknown_key(f'{key}.optimiser.{option}', option, known)}")


def _check_keys(run: Mapping[str, Any], where: str) -> None:
    """Refuse a run that lacks what its model's training needs, or sets what an engine does not read."""
    family = run["model"]["name"]
    needed = training_keys(family)
    for key in needed:
        # Which of its two names the batch size has, the view decides.
        if key not in run and (key != "batch_size" or is_engine(family)):
            raise ConfigError(f"{where}.{key} is missing; expected the {key}, which model {family!r} needs")
    if not is_engine(family) and run["loss"] in ENGINE_LOSSES:
        raise ConfigError(f"{where}.loss: model {family!r} cannot be trained with {run['loss']!r}")
    for key in sorted({*TRAINING_KEYS, *_TORCH_KEYS}.difference(needed)) if is_engine(family) else ():
        if key in run:
            raise ConfigError(f"{where}.{key}: model {family!r} does not read it; remove it")


def _check_view(run: Mapping[str, Any], where: str) -> None:
    """Refuse settings of single examples in a run on words, and the other way round."""
    view = run["data"].get("view", "examples")
    wanted, other = ("words_per_update", "batch_size") if view == "words" else ("batch_size", "words_per_update")
    if wanted not in run:
        raise ConfigError(f"{where}: missing key {wanted!r}, which a run with data.view {view!r} needs")
    unfit = [other] if view == "examples" else [other, "capture", "probe", "data.augment"]
    for key in unfit:
        place = run["data"] if key.startswith("data.") else run
        if key.removeprefix("data.") in place:
            raise ConfigError(f"{where}.{key}: does not fit a run with data.view {view!r}; remove it")
    if run.get("l2") and run["optimiser"].get("weight_decay"):
        raise ConfigError(f"{where}.l2: optimiser.weight_decay is set too; keep one of them")


def _setting_names(run: Mapping[str, Any]) -> set[str]:
    """Return the dotted names of everything that a run may be said to assume, stated or left to its default."""
    names = {
        "model",
        "data",
        "data.dataset",
        "data.normalise",
        "data.view",
        "data.augment",
        "optimiser",
        "optimiser.name",
        "optimiser.learning_rate",
        "optimiser.schedule",
        "initial",
    }
    names |= {"loss", "batch_size", "words_per_update", "epochs", "max_steps", "l2", "precision", "threads", "seeds"}
    if "optimiser" in run:
        names |= {f"optimiser.{option}" for option in _OPTIMISER_OPTIONS[run["optimiser"]["name"]]}
    return names | {f"model.{parameter}" for parameter in build_parameters(run["model"]["name"]) or ()}


def _model(table: Mapping[str, Any], where: str) -> ModelSettings:
    parameters = {key: value for key, value in table.items() if key != "name"}
    check_parameters(table["name"], parameters, where)
    return ModelSettings(table["name"], parameters)


def _artefacts(
    table: Mapping[str, Any],
    shown: str,
    runs: Mapping[str, Any],
    models: Mapping[str, Any],
    datasets: Mapping[str, Dataset],
) -> dict[str, ArtefactSettings]:
    published = _published(table, shown)
    claims = _claims(table, shown, runs, datasets)
    artefacts = {}
    for name, entry in table["artefacts"].items():
        where = f"{shown}: key artefacts.{name}"
        names = list(runs) if entry.get("runs") == "all" else entry.get("runs", [])
        for kind, references, known in (
            ("run", names, runs),
            ("run", entry.get("run_labels", {}), runs),
            ("model", entry.get("models", []), models),
            ("data set", entry.get("datasets", []), datasets),
        ):
            for reference in references:
                if reference not in known:
                    raise ConfigError(f"{where}: {unknown_name(kind, reference, known)}")
        not_run = _reason(table, entry, where)
        if not_run is None:
            check_artefact(table["id"], name, entry, published.get(name, ()), names, shown)
            if entry["kind"] == "claims":
                _check_claims_artefact(claims, names, where)
        artefacts[name] = ArtefactSettings(
            id=f"{table['id']}/{name}",
            kind=entry["kind"],
            label=entry["label"],
            what=entry["what"],
            protocol=entry.get("protocol", ""),
            published_text=entry.get("published", ""),
            runs=tuple(RunReference(run, run, "", (), 0) for run in names),
            models=tuple(entry.get("models", ())),
            datasets=tuple(entry.get("datasets", ())),
            published=published.get(name, ()),
            claims=claims if entry["kind"] == "claims" else (),
            options=entry.get("options", {}),
            beyond=entry.get("beyond", False),
            not_run=not_run,
        )
    _check_labels(table, shown)
    return artefacts


def _check_claims_artefact(claims: tuple[Claim, ...], runs: Collection[str], where: str) -> None:
    if not claims:
        raise ConfigError(f"{where}: there are no claims; expected a list under the key claims")
    for claim in claims:
        for run in (claim.left, *claim.right) if claim.not_run is None else ():
            if run not in runs:
                raise ConfigError(f"{where}.runs: claim {claim.id!r} speaks of run {run!r}, which is missing; add it")


def _check_labels(table: Mapping[str, Any], shown: str) -> None:
    for name, blocks in table.get("published", {}).items():
        for block in blocks if isinstance(blocks, list) else [blocks]:
            for key in block.get("labels", {}):
                if key not in block["values"]:
                    known = unknown_name("published value", key, block["values"])
                    raise ConfigError(f"{shown}: key published.{name}.labels: {known}")


def _reason(table: Mapping[str, Any], entry: Mapping[str, Any], where: str) -> str | None:
    """Return the sentence on why an artefact is not made or a claim not checked, or None."""
    name = entry.get("not_run")
    if name is None:
        return None
    reasons = table.get("reasons", {})
    if name not in reasons:
        raise ConfigError(f"{where}.not_run: {unknown_name('reason', name, reasons)}")
    sentence: str = reasons[name]
    return sentence


def _published(table: Mapping[str, Any], shown: str) -> dict[str, tuple[PublishedValue, ...]]:
    published = {}
    for name, blocks in table.get("published", {}).items():
        if name not in table["artefacts"]:
            raise ConfigError(f"{shown}: key published: {unknown_name('artefact', name, table['artefacts'])}")
        values: list[PublishedValue] = []
        for block in blocks if isinstance(blocks, list) else [blocks]:
            shared = {
                key: block[key] for key in ("metric", "tolerance", "relation", "test_size", "unit") if key in block
            }
            labels = block.get("labels", {})
            values += [
                PublishedValue.from_json({"key": key, "value": value, "label": labels.get(key, ""), **shared}, shown)
                for key, value in block["values"].items()
            ]
        seen = [(value.key, value.metric) for value in values]
        for key, metric in seen:
            if seen.count((key, metric)) > 1:
                raise ConfigError(f"{shown}: key published.{name}: {metric} of {key!r} stands twice; remove one")
        published[name] = tuple(values)
    return published


def _claims(
    table: Mapping[str, Any], shown: str, runs: Mapping[str, Any], datasets: Mapping[str, Dataset]
) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for position, entry in enumerate(table.get("claims", [])):
        where = f"{shown}: key claims[{position}]"
        reason = _reason(table, entry, where)
        for run in (entry["left"], *entry["right"]) if reason is None else ():
            if run not in runs:
                raise ConfigError(f"{where}: {unknown_name('run', run, runs)}")
            words = datasets[runs[run]["data"]["dataset"]].words
            metrics = measured_metrics(runs[run]["model"]["name"], words)
            if entry["metric"] not in metrics:
                raise ConfigError(f"{where}.metric: run {run!r}: {unknown_name('metric', entry['metric'], metrics)}")
        if any(claim.id == entry["id"] for claim in claims):
            raise ConfigError(f"{where}.id: {entry['id']!r} stands twice; give each claim its own")
        claims.append(Claim.from_json({**entry, "not_run": reason}, where))
    return tuple(claims)
