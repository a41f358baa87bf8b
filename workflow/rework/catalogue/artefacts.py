"""The artefacts in one file of ``config/writeups``, with their published values and claims."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rework.catalogue.artefact_functions import checked_artefact
from rework.catalogue.artefact_inputs import Inputs
from rework.catalogue.datasets import Dataset
from rework.catalogue.declarations import declaration
from rework.errors import ConfigError
from rework.evaluation.from_histories import derived_names
from rework.messages import unknown_name
from rework.settings.artefact import ArtefactSettings, Claim, PublishedValue, RunReference
from rework.settings.run import ModelSettings

_SHARED = ("metric", "tolerance", "because", "relation", "unit", "source", "split", "divisor", "incomparable", "log")


def load_artefacts(
    table: Mapping[str, Any],
    shown: str,
    runs: Mapping[str, Mapping[str, Any]],
    sample_runs: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, ModelSettings],
    datasets: Mapping[str, Dataset],
) -> tuple[dict[str, ArtefactSettings], dict[str, ArtefactSettings]]:
    """Return the artefacts of a writeup by name for the full and the sample edition, after checking their names.

    Args:
        table: the parsed file of the writeup, which fits its schema.
        shown: the name of that file in messages.
        runs: the tables of all its runs by name, with sweeps expanded.
        sample_runs: those of the sample edition.
        models: the models that it describes without training them.
        datasets: all data sets.

    Raises:
        ConfigError: an artefact names something that does not exist, or its function is made from something else or
            does not measure a published value; the message names the file and the key.
    """
    claims = _claims(table, shown, runs, datasets)
    artefacts: dict[str, ArtefactSettings] = {}
    samples: dict[str, ArtefactSettings] = {}
    for name, entry in table["artefacts"].items():
        where = f"{shown}: key artefacts.{name}"
        names = list(runs) if entry.get("runs") == "all" else entry.get("runs", [])
        for kind, references, known in (
            ("run", names, runs),
            ("run", entry.get("run_labels", {}), names),
            ("model", entry.get("models", []), models),
            ("data set", entry.get("datasets", []), datasets),
        ):
            for reference in references:
                if reference not in known:
                    raise ConfigError(f"{where}: {unknown_name(kind, reference, known)}")
        labels = _labels(names, runs, entry.get("run_labels", {}), where)
        words, published = _published(entry.get("published", ""), f"{where}.published")
        not_run = _reason(table, entry, where)
        function, options = "", entry.get("options", {})
        sample = options
        if not_run is None:
            full, small = (_inputs(names, entry, tables, models, datasets) for tables in (runs, sample_runs))
            function, options = checked_artefact(table["id"], name, entry, published, full, where)
            _, sample = checked_artefact(table["id"], name, entry, published, small, where, sample=True)
            if entry["kind"] == "claims":
                _check_claims_artefact(claims, names, where)
        artefacts[name] = ArtefactSettings(
            id=f"{table['id']}/{name}",
            kind=entry["kind"],
            label=entry["label"],
            what=entry["what"],
            function=function,
            protocol=entry.get("protocol", ""),
            published_text=words,
            runs=tuple(RunReference(run, labels[run], "", (), 0) for run in names),
            models=tuple(entry.get("models", ())),
            datasets=tuple(entry.get("datasets", ())),
            weights=tuple(entry.get("weights", ())),
            published=published,
            claims=claims if entry["kind"] == "claims" else (),
            options=options,
            invented=entry.get("invented", ""),
            beyond=entry.get("beyond", False),
            not_run=not_run,
        )
        samples[name] = replace(artefacts[name], options=sample)
    return artefacts, samples


def _labels(
    names: Sequence[str], runs: Mapping[str, Mapping[str, Any]], own: Mapping[str, str], where: str
) -> dict[str, str]:
    """Return the labels of an artefact's runs: the artefact's for the run, else the run's own, else the run's name."""
    labels = {name: own.get(name) or runs[name].get("label", name) for name in names}
    owners: dict[str, str] = {}
    for name, label in labels.items():
        if (other := owners.setdefault(label, name)) != name:
            raise ConfigError(
                f"{where}.runs: {other!r} and {name!r} are both labelled {label!r}; give one of them another label, "
                "or another here in run_labels"
            )
    return labels


def _inputs(
    names: Sequence[str],
    entry: Mapping[str, Any],
    runs: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, ModelSettings],
    datasets: Mapping[str, Dataset],
) -> Inputs:
    """Return what an artefact is given, with the tables of its runs in one edition."""
    described = {name: models[name] for name in entry.get("models", ())}
    own = (entry.get("datasets", ()), entry.get("weights", ()))
    return Inputs({name: runs[name] for name in names}, described, *own, datasets)


def _check_claims_artefact(claims: tuple[Claim, ...], runs: Collection[str], where: str) -> None:
    if not claims:
        raise ConfigError(f"{where}: there are no claims; expected a list under the key claims")
    for claim in claims:
        for run in (claim.left, *claim.right) if claim.not_run is None else ():
            if run not in runs:
                raise ConfigError(f"{where}.runs: claim {claim.id!r} is about run {run!r}, which is missing; add it")


def _reason(table: Mapping[str, Any], entry: Mapping[str, Any], where: str) -> str | None:
    """Return the sentence that says why an artefact is not made or a claim not checked, or None."""
    name = entry.get("not_run")
    if name is None:
        return None
    reasons = table.get("reasons", {})
    if name not in reasons:
        raise ConfigError(f"{where}.not_run: {unknown_name('reason', name, reasons)}")
    sentence: str = reasons[name]
    return sentence


def _published(entry: Any, where: str) -> tuple[str, tuple[PublishedValue, ...]]:
    """Return the content of an artefact's key ``published``, in words and in numbers.

    Args:
        entry: only words, a block with the values of one metric, or a list of such blocks.
        where: the file and the key.
    """
    if isinstance(entry, str):
        return entry, ()
    blocks = entry if isinstance(entry, list) else [entry]
    values: list[PublishedValue] = []
    for block in blocks:
        labels = block.get("labels", {})
        for key in labels:
            if key not in block["values"]:
                raise ConfigError(f"{where}.labels: {unknown_name('published value', key, block['values'])}")
        shared = {key: block[key] for key in _SHARED if key in block}
        values += [
            PublishedValue.from_json({"key": key, "value": value, "label": labels.get(key, ""), **shared}, where)
            for key, value in block["values"].items()
        ]
    for value in values:
        if value.unit == "%" and not 0 <= value.value <= 1:
            raise ConfigError(
                f"{where}: {value.metric} of {value.key!r} is {value.value:g}; shares in % go from 0 to 1"
            )
    seen = [(value.key, value.metric) for value in values]
    for key, metric in seen:
        if seen.count((key, metric)) > 1:
            raise ConfigError(f"{where}: {metric} of {key!r} is listed twice; remove one")
    return "; ".join(block["words"] for block in blocks if "words" in block), tuple(values)


def _claims(
    table: Mapping[str, Any], shown: str, runs: Mapping[str, Any], datasets: Mapping[str, Dataset]
) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for position, entry in enumerate(table.get("claims", [])):
        where = f"{shown}: key claims[{position}]"
        reason = _reason(table, entry, where)
        for key in ("metric", "left", "relation", "right") if reason is None else ():
            if key not in entry:
                raise ConfigError(f"{where}.{key} is missing; a claim without it needs a reason in not_run")
        for run in (entry["left"], *entry["right"]) if reason is None else ():
            if run not in runs:
                raise ConfigError(f"{where}: {unknown_name('run', run, runs)}")
            measured = declaration(runs[run]).measured(datasets[runs[run]["data"]["dataset"]].layout)
            metrics = {*measured, *derived_names(declaration(runs[run]).history)}
            if entry["metric"] not in metrics:
                raise ConfigError(f"{where}.metric: run {run!r}: {unknown_name('metric', entry['metric'], metrics)}")
        if entry.get("paired") and reason is None:
            seeds = {run: runs[run].get("seeds") for run in (entry["left"], *entry["right"])}
            if other := [run for run, own in seeds.items() if own != seeds[entry["left"]]]:
                raise ConfigError(
                    f"{where}.paired: run {other[0]!r} has not the seeds of {entry['left']!r} in the same order, so "
                    "that they are no pairs; give both the same"
                )
        if any(claim.id == entry["id"] for claim in claims):
            raise ConfigError(f"{where}.id: {entry['id']!r} is used twice; give each claim its own")
        claims.append(Claim.from_json({**entry, "not_run": reason}, where))
    return tuple(claims)
