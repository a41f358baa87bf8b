"""The settings of runs as they were trained, each with where it is known from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rework.catalogue.catalogue import Catalogue
from rework.catalogue.config import Edition
from rework.catalogue.sources import OURS, source_of
from rework.settings.artefact import Source

ShownSource = Source | Literal["sample"]
WORDS: dict[ShownSource, str] = {
    "writeup": "writeup",
    "code": "author's code",
    "course": "course",
    "assumed": "assumed",
    "sample": "sample edition",
}
# What torch's optimisers do where a run says nothing; a writeup that does not say either leaves it open.
_DEFAULTS = {"sgd": {"momentum": 0, "weight_decay": 0}, "adam": {"weight_decay": 0}}


@dataclass(frozen=True)
class SettingRow:
    """A setting with a value that some runs share, where it is known from, and what was tried before it was chosen."""

    setting: str
    value: str
    source: ShownSource
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
    found |= _named("task", (settings.get("task") or {}).get("parameters", {}))
    found |= {"data.dataset": settings["data"]["dataset"], "data.normalise": settings["data"]["normalise"]}
    found |= _named("data.augment", {key: value for key, value in settings["data"]["augment"].items() if value})
    for key in ("hold_out", "hold_out_seed"):
        if settings["data"].get(key) is not None:
            found[f"data.{key}"] = settings["data"][key]
    if settings.get("initial"):
        found |= _named("initial", settings["initial"])
    if optimiser["name"] != "none":
        found |= {"optimiser.name": optimiser["name"], "optimiser.learning_rate": optimiser["learning_rate"]}
        found |= {"optimiser.schedule": optimiser.get("schedule", "constant"), **_named("optimiser", options)}
        clip = {key: value for key, value in optimiser.get("clip", {}).items() if value}
        found |= {"optimiser.clip": ", ".join(f"{key} {value:g}" for key, value in clip.items())} if clip else {}
        # Some tasks have a loss of their own, or no batches.
        found |= {key: settings[key] for key in ("loss", "batch_size") if settings[key] not in ("none", 0)}
    found |= {key: settings[key] for key in ("epochs", "max_steps") if settings[key]}
    if settings["l2"]["strength"]:
        found |= _named("l2", settings["l2"])
    if settings.get("keep"):
        found |= _named("keep", settings["keep"])
    return {name: _text(value) for name, value in found.items()}


def setting_rows(catalogue: Catalogue, edition: Edition, records: Sequence[Any]) -> list[SettingRow]:
    """Return the settings of runs, equal ones of several runs together, those of one group below each other.

    Args:
        catalogue: the catalogue, which knows the sources.
        edition: the edition of the runs.
        records: one writeup's runs with all their seeds, with ``id``, ``seed``, ``settings`` and ``provenance``.
    """
    found: dict[tuple[str, str, ShownSource], list[str]] = {}
    tried: dict[tuple[str, str, ShownSource], str] = {}
    for identifier in dict.fromkeys(record.id for record in records):
        writeup, _, run = identifier.partition("/")
        sources, attempts = catalogue.sources(writeup, run), catalogue.tried(writeup, run)
        sampled = catalogue.sampled(writeup, run) if edition == "sample" else frozenset()
        own = [record for record in records if record.id == identifier]
        named = {*sources, *(name for name in sampled if ": " in name)}
        for setting, value in _values(catalogue, edition, own, named):
            key = setting, value, "sample" if setting in sampled else source_of(setting, sources)
            found.setdefault(key, []).append(run)
            # Of a group of settings, such as those of an optimiser, the first has the sentence.
            group = next((name for name in attempts if setting == name or setting.startswith(f"{name}.")), None)
            if group is not None and attempts[group] not in tried.values():
                tried[key] = attempts[group]
    settings = list(dict.fromkeys(key[0] for key in found))
    groups = list(dict.fromkeys(map(_group, settings)))
    rows = [SettingRow(*key, tuple(names), tried.get(key, "")) for key, names in found.items()]
    return sorted(rows, key=lambda row: (groups.index(_group(row.setting)), settings.index(row.setting)))


def told_sources(rows: Sequence[SettingRow], runs: Sequence[str]) -> dict[str, str]:
    """Return what an artefact's runs took from elsewhere than the writeup: settings with their values, by source.

    The settings that are never a writeup's are left out: the artefact names its seeds anyway, and the chapter's table
    has both.

    Args:
        rows: the settings of all runs of the writeup.
        runs: the names of the artefact's runs.
    """
    told: dict[ShownSource, dict[str, list[str]]] = {}
    for row in rows:
        if row.source != "writeup" and row.setting not in OURS and set(row.runs) & set(runs):
            told.setdefault(row.source, {}).setdefault(row.setting, []).append(row.value)
    return {
        WORDS[source]: ", ".join(f"{setting} {' or '.join(values)}" for setting, values in settings.items())
        for source, settings in told.items()
    }


def _values(catalogue: Catalogue, edition: Edition, seeds: Sequence[Any], named: set[str]) -> list[tuple[str, str]]:
    """Return the settings of a run with their values over its seeds, each once and in order.

    Args:
        catalogue: the catalogue, which knows the options of data sets.
        edition: the edition of the run.
        seeds: the records of the run.
        named: settings that must be among them, and options of its data set.
    """
    settings = seeds[0].settings
    found = [pair for record in seeds for pair in setting_values(record.settings).items()]
    found += [("precision", record.provenance["precision"]) for record in seeds]
    found.append(("seeds", ", ".join(str(record.seed) for record in seeds)))
    dataset = settings["data"]["dataset"]
    options = catalogue.dataset(edition, dataset).options
    # Who draws the validation pictures anew, or none, does not read how many the data set would have held out.
    unread = "" if settings["data"].get("hold_out") is None else f"{dataset}: validation"
    for name in sorted(named):
        owner, separator, option = name.partition(": ")
        if separator and owner == dataset and name != unread:
            found.append((name, _text(options.get(option, "by default"))))
        elif not separator and not any(setting == name or setting.startswith(f"{name}.") for setting, _ in found):
            found.append((name, _looked_up(settings, name)))
    return list(dict.fromkeys(found))


def _looked_up(settings: Mapping[str, Any], name: str) -> str:
    """Return the value of a setting that is not listed of every run."""
    value: Any = settings
    for key in name.split("."):
        value = value.get(key, "by default") if isinstance(value, Mapping) else "by default"
    return _text(value)


def _group(setting: str) -> str:
    return setting.partition(".")[0]


def _named(group: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{group}.{key}": value for key, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        lists = any(isinstance(item, list | tuple) for item in value)
        return ("; " if lists else " × ").join(map(_text, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
