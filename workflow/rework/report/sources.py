"""The settings of runs as they were trained, each with where it is known from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rework.catalogue.catalogue import Catalogue, Edition
from rework.catalogue.sources import source_of
from rework.settings.artefact import Source

WORDS: dict[Source, str] = {
    "writeup": "writeup",
    "code": "author's code",
    "course": "course",
    "assumed": "assumed",
}
# What torch's optimisers do where a run says nothing; a writeup that does not say either leaves it open.
_DEFAULTS = {"sgd": {"momentum": 0, "weight_decay": 0}, "adam": {"weight_decay": 0}}


@dataclass(frozen=True)
class SettingRow:
    """A setting with a value that some runs share, where it is known from, and what was tried before it was chosen."""

    setting: str
    value: str
    source: Source
    runs: tuple[str, ...]
    tried: str


def setting_values(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that decide about a training's results, by dotted name, as text.

    Args:
        settings: of a run, as its provenance holds them. One that was trained before a setting existed lacks it; then,
            it was what is now the default.
    """
    optimiser = settings["optimiser"]
    options = {**_DEFAULTS.get(optimiser["name"], {}), **optimiser["options"]}
    found: dict[str, Any] = {"model": settings["model"]["name"]}
    found |= _named("model", settings["model"]["parameters"])
    found |= {"data.normalise": settings["data"]["normalise"]}
    found |= _named("data.augment", {key: value for key, value in settings["data"]["augment"].items() if value})
    if optimiser["name"] != "none":
        found |= {"optimiser.name": optimiser["name"], "optimiser.learning_rate": optimiser["learning_rate"]}
        found |= {"optimiser.schedule": optimiser.get("schedule", "constant"), **_named("optimiser", options)}
        found |= {"loss": settings["loss"], "batch_size": settings["batch_size"]}
    found |= {key: settings[key] for key in ("epochs", "max_steps") if settings[key]}
    if settings["l2"]["strength"]:
        found |= _named("l2", settings["l2"])
    if settings.get("initial"):
        found |= _named("initial", settings["initial"])
    return {name: _text(value) for name, value in found.items()}


def setting_rows(catalogue: Catalogue, edition: Edition, runs: Sequence[Any]) -> list[SettingRow]:
    """Return the settings of runs, equal ones of several runs together, in the order in which they first appear.

    Args:
        catalogue: the catalogue, which knows the sources.
        edition: the edition of the runs.
        runs: the records of one writeup's runs, with ``id`` and ``settings``; of one seed each.
    """
    found: dict[tuple[str, str, Source], list[str]] = {}
    tried: dict[tuple[str, str, Source], str] = {}
    for record in runs:
        writeup, _, run = record.id.partition("/")
        sources, attempts = catalogue.sources(writeup, run), catalogue.tried(writeup, run)
        for setting, value in _values(catalogue, edition, record, sources):
            key = setting, value, source_of(setting, sources)
            found.setdefault(key, []).append(run)
            # Of a group of settings, such as those of an optimiser, the first has the sentence.
            group = next((name for name in attempts if setting == name or setting.startswith(f"{name}.")), None)
            if group is not None and not any(attempts[group] == other for other in tried.values()):
                tried[key] = attempts[group]
    order = {setting: place for place, setting in enumerate(dict.fromkeys(key[0] for key in found))}
    rows = [SettingRow(*key, tuple(names), tried.get(key, "")) for key, names in found.items()]
    return sorted(rows, key=lambda row: order[row.setting])


def told_sources(rows: Sequence[SettingRow], runs: Sequence[str]) -> dict[str, str]:
    """Return what an artefact's runs took from elsewhere than the writeup: settings with their values, by source.

    Args:
        rows: the settings of all runs of the writeup.
        runs: the names of the artefact's runs.
    """
    told: dict[Source, dict[str, list[str]]] = {}
    for row in rows:
        if row.source != "writeup" and set(row.runs) & set(runs):
            told.setdefault(row.source, {}).setdefault(row.setting, []).append(row.value)
    return {
        WORDS[source]: ", ".join(f"{setting} {' or '.join(values)}" for setting, values in settings.items())
        for source, settings in told.items()
    }


def _values(
    catalogue: Catalogue, edition: Edition, record: Any, sources: Mapping[str, Source]
) -> Iterator[tuple[str, str]]:
    yield from setting_values(record.settings).items()
    yield "seeds", ", ".join(map(str, catalogue.seeds(edition, *record.id.split("/"))))
    dataset = record.settings["data"]["dataset"]
    options = catalogue.dataset(edition, dataset).options
    for name in sources:
        owner, _, option = name.partition(": ")
        if owner == dataset:
            yield name, _text(options.get(option, "by default"))


def _named(group: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{group}.{key}": value for key, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " × ".join(map(_text, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
