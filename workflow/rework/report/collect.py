"""Everything that a report shows, read from the results of one edition."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.catalogue import Catalogue
from rework.catalogue.config import Edition
from rework.catalogue.plan import Plan, settings_edition
from rework.catalogue.writeups import Writeup
from rework.errors import ReportError
from rework.files import sha256_file
from rework.publication import read_publication
from rework.record_shapes import DATASET, METRICS, TRAINING, WEIGHTS, read_shaped
from rework.report.counting import computed_counts, counts, distinct
from rework.report.manifest import collect_entries
from rework.report.sources import SettingRow, setting_rows, told_sources
from rework.shapes import Keys


@dataclass(frozen=True)
class Chapter:
    """A writeup, the settings of its runs, and its artefacts by name.

    These are manifest entries with caption, table and facts.
    """

    number: int
    writeup: Writeup
    artefacts: Mapping[str, dict[str, Any]]
    settings: tuple[SettingRow, ...] = ()
    run_count: int = 0

    @property
    def built(self) -> list[dict[str, Any]]:
        """The artefacts that have a result."""
        return [entry for entry in self.artefacts.values() if entry["status"] == "built"]


@dataclass(frozen=True)
class RunRecord:
    """One training as shown in the appendix: its settings as it was trained, provenance and metrics.

    ``item`` is what its batches consist of, ``headline`` the metric shown for the run, and ``unit`` that metric's unit.
    """

    id: str
    seed: int
    settings: Mapping[str, Any]
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Any]
    item: str
    headline: str
    unit: str


@dataclass(frozen=True)
class Report:
    """Everything that a report is rendered from.

    ``records`` are the SHA-256 of the records that it was read from, by path relative to the results, and
    ``configuration`` is the hash of what it takes from the configuration.
    """

    edition: str
    title: str
    subtitle: str
    results: Path
    chapters: tuple[Chapter, ...]
    runs: tuple[RunRecord, ...]
    datasets: tuple[Mapping[str, Any], ...]
    entries: list[dict[str, Any]]
    records: Mapping[str, str]
    configuration: str

    @property
    def sample(self) -> bool:
        """Whether its data are embedded samples."""
        return self.edition == "sample"

    @property
    def values(self) -> list[dict[str, Any]]:
        """All published values, each with the artefact that it belongs to."""
        return [
            {**value, "artefact": entry}
            for entry in self.entries
            for value in entry["values"]
            if value["published"] is not None
        ]

    @property
    def counts(self) -> dict[str, int]:
        """How many published values have each verdict, each counted once."""
        return counts(self.values)

    @property
    def computed_counts(self) -> dict[str, int]:
        """How many of the computed values are ``exact`` and how many ``differs``, each counted once."""
        return computed_counts(self.values)

    @property
    def single_seeds(self) -> int:
        """How many distinct measured values rest on one seed."""
        return sum(
            1
            for value in distinct(self.values)
            if value["reproduced"] is not None
            and value["reproduced"]["interval"] == "none"
            and value["reproduced"]["seeds"]
        )

    @property
    def claim_counts(self) -> dict[str, int]:
        """How many claims have each result."""
        return dict(Counter(claim["result"] for entry in self.entries for claim in entry.get("claims", [])))

    @property
    def seconds(self) -> float:
        """Total time of all trainings."""
        return float(sum(run.provenance["seconds"] for run in self.runs))

    @property
    def environments(self) -> list[Mapping[str, Any]]:
        """The distinct environments that the trainings ran in."""
        found: list[Mapping[str, Any]] = []
        for run in self.runs:
            if run.provenance["environment"] not in found:
                found.append(run.provenance["environment"])
        return found


def collect(catalogue: Catalogue, edition: str, results: Path) -> Report:
    """Read the results of an edition: ``full``, ``sample``, or ``reference`` (published parts of the full one).

    Raises:
        ReportError: a result that the catalogue declares is missing.
    """
    partial = edition == "reference"
    of = settings_edition(edition)
    entries = collect_entries(catalogue, of, results, partial)
    by_id = {entry["id"]: entry for entry in entries}
    shown = {entry["writeup"] for entry in entries if entry["status"] == "built"}
    identifiers = [identifier for identifier in catalogue.run_ids(of) if identifier[0] in shown]
    if partial:
        identifiers = _published_runs(results, identifiers)
    runs = tuple(_run(catalogue, results, *identifier) for identifier in identifiers)
    chapters = tuple(
        _chapter(catalogue, of, number, writeup, by_id, runs)
        for number, writeup in enumerate(catalogue.writeups.values(), start=1)
    )
    return Report(
        edition=edition,
        title=catalogue.config.report.title,
        subtitle=catalogue.config.report.subtitle,
        results=results,
        chapters=chapters,
        runs=runs,
        datasets=tuple(_described(catalogue, *described) for described in _descriptions(catalogue, results)),
        entries=entries,
        records=_records(catalogue, results, [entry["id"] for entry in entries], identifiers),
        configuration=Plan(catalogue, of, results).digest(),
    )


RunId = tuple[str, str, int]


def _published_runs(results: Path, identifiers: Sequence[RunId]) -> list[RunId]:
    """Return the runs that were published: a writeup may be without those whose data were not available."""
    found = []
    for identifier in identifiers:
        folder = paths.run_dir(results, *identifier)
        published = read_publication(results, identifier[0])
        listed = (folder / "metrics.json").relative_to(results).as_posix()
        if folder.is_dir() if published is None else listed in published.files:
            found.append(identifier)
    return found


def _records(catalogue: Catalogue, results: Path, artefacts: Sequence[str], runs: Sequence[RunId]) -> dict[str, str]:
    """Return the hashes of the records that a report is read from."""
    files = [paths.artefact_file(results, artefact, "json") for artefact in artefacts]
    files += [paths.run_dir(results, *run) / name for run in runs for name in ("provenance.json", "metrics.json")]
    files += [path for path, _, _, _ in _descriptions(catalogue, results)]
    return {path.relative_to(results).as_posix(): sha256_file(path) for path in files if path.is_file()}


def _chapter(
    catalogue: Catalogue,
    edition: Edition,
    number: int,
    writeup: Writeup,
    entries: Mapping[str, dict[str, Any]],
    runs: Sequence[RunRecord],
) -> Chapter:
    """Return a chapter, and let its artefacts say which settings of their runs are not the writeup's."""
    own = [run for run in runs if run.id.startswith(f"{writeup.id}/")]
    rows = setting_rows(catalogue, edition, own)
    artefacts = {name: entries[f"{writeup.id}/{name}"] for name in writeup.artefacts}
    for entry in artefacts.values():
        entry["sources"] = told_sources(rows, [run["run"] for run in entry["runs"]])
    return Chapter(number, writeup, artefacts, tuple(rows), len({run.id for run in own}))


def _run(catalogue: Catalogue, results: Path, writeup: str, run: str, seed: int) -> RunRecord:
    folder = paths.run_dir(results, writeup, run, seed)
    missing = [name for name in ("provenance.json", "metrics.json") if not (folder / name).is_file()]
    if missing:
        raise ReportError(f"{folder}: {' and '.join(missing)} missing; build the runs of {writeup} with snakemake")
    provenance = read_shaped(folder / "provenance.json", TRAINING)
    declared = catalogue.declaration(writeup, run)
    return RunRecord(
        id=f"{writeup}/{run}",
        seed=seed,
        settings=provenance["settings"],
        provenance=provenance,
        metrics=read_shaped(folder / "metrics.json", METRICS)["metrics"],
        item=declared.item,
        headline=declared.headline,
        unit=declared.metrics[declared.headline].unit,
    )


Description = tuple[Path, Keys, str, tuple[str, ...]]


def _descriptions(catalogue: Catalogue, results: Path) -> list[Description]:
    """Return the existing descriptions of data sets and of pretrained weights: file, shape, title and assets."""
    described: list[Description] = [
        (paths.dataset_dir(results, name) / "dataset.json", DATASET, dataset.title, dataset.assets)
        for name, dataset in catalogue.datasets.items()
    ]
    for asset in catalogue.initial_assets():
        path = paths.initial_weights_file(results, asset).with_suffix(".json")
        described.append((path, WEIGHTS, f"Weights {asset}", (asset,)))
    return [description for description in described if description[0].is_file()]


def _described(catalogue: Catalogue, path: Path, shape: Keys, title: str, assets: tuple[str, ...]) -> Mapping[str, Any]:
    """Return what the appendix says about a data set or weights."""
    sources = [catalogue.assets[asset] for asset in assets]
    # Pages of text have no splits, and data sets of examples no pages; weights have neither.
    return {
        "pages": [],
        "splits": {},
        **read_shaped(path, shape),
        "title": title,
        "licences": list(dict.fromkeys(asset.licence for asset in sources)),
        "citations": list(dict.fromkeys(asset.citation for asset in sources)),
    }
