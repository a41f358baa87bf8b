"""Everything that a report shows, read from the results of one edition."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.catalogue import Catalogue, Edition
from rework.catalogue.plan import settings_edition
from rework.catalogue.writeups import Writeup
from rework.errors import ReportError
from rework.recorded import read_record
from rework.report.counting import computed_counts, counts, distinct
from rework.report.manifest import collect_entries
from rework.report.sources import SettingRow, setting_rows, told_sources


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
    """Everything that a report is rendered from."""

    edition: str
    title: str
    subtitle: str
    results: Path
    chapters: tuple[Chapter, ...]
    runs: tuple[RunRecord, ...]
    datasets: tuple[Mapping[str, Any], ...]
    entries: list[dict[str, Any]]

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
            if value["reproduced"] is not None and value["reproduced"]["interval"] == "none"
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
    runs = tuple(
        _run(catalogue, results, *identifier)
        for identifier in catalogue.run_ids(of)
        # A writeup may be published without the runs whose data were not available.
        if identifier[0] in shown and not (partial and not paths.run_dir(results, *identifier).is_dir())
    )
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
        datasets=tuple(_datasets(catalogue, results)),
        entries=entries,
    )


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
    provenance = read_record(folder / "provenance.json")
    declared = catalogue.declaration(writeup, run)
    return RunRecord(
        id=f"{writeup}/{run}",
        seed=seed,
        settings=provenance["settings"],
        provenance=provenance,
        metrics=read_record(folder / "metrics.json")["metrics"],
        item=declared.item,
        headline=declared.headline,
        unit=declared.metrics[declared.headline].unit,
    )


def _datasets(catalogue: Catalogue, results: Path) -> list[Mapping[str, Any]]:
    """Return what the appendix says about each existing data set, and about pretrained weights."""
    described = [
        (paths.dataset_dir(results, name) / "dataset.json", dataset.title, dataset.assets)
        for name, dataset in catalogue.datasets.items()
    ]
    for asset in catalogue.initial_assets():
        path = paths.initial_weights_file(results, asset).with_suffix(".json")
        described.append((path, f"Weights {asset}", (asset,)))
    return [_described(catalogue, path, title, assets) for path, title, assets in described if path.is_file()]


def _described(catalogue: Catalogue, path: Path, title: str, assets: tuple[str, ...]) -> Mapping[str, Any]:
    sources = [catalogue.assets[asset] for asset in assets]
    # Pages of text have no splits, and data sets of examples no pages; weights have neither.
    return {
        "pages": [],
        "splits": {},
        **read_record(path),
        "title": title,
        "licences": list(dict.fromkeys(asset.licence for asset in sources)),
        "citations": list(dict.fromkeys(asset.citation for asset in sources)),
    }
