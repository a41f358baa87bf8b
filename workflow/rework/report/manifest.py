"""``manifest.json``: an entry for every artefact in the catalogue, built or not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.catalogue import Catalogue
from rework.catalogue.config import Edition
from rework.errors import ReportError
from rework.evaluation.claims import HOW_CHECKED
from rework.publication import NOT_PUBLISHED, Publication, read_publication
from rework.record_shapes import SIDECAR, read_shaped
from rework.recorded import runs_read
from rework.report.comparison import checked_claims, compared_values, declared, subject
from rework.report.counting import worst_of
from rework.settings.artefact import ArtefactSettings


def collect_entries(
    catalogue: Catalogue, edition: Edition, results: Path, partial: bool = False
) -> list[dict[str, Any]]:
    """Return what is known about every artefact, in the order of the catalogue.

    Args:
        catalogue: the catalogue.
        edition: the edition whose settings apply.
        results: results folder with the sidecars.
        partial: whether these are published results. A sidecar may then be missing if its writeup was published
            without it, or was not published at all.

    Raises:
        ReportError: sidecars are missing (the message names all of them), one belongs to another artefact, or one lacks
            what a published value or a claim is compared with.
    """
    absent = _left_out(catalogue, results) if partial else {}
    entries, missing = [], []
    for artefact_id in catalogue.artefact_ids():
        settings = catalogue.artefact(edition, artefact_id)
        sidecar = paths.artefact_file(results, artefact_id, "json")
        if settings.not_run is not None:
            entries.append(_not_run(settings, settings.not_run))
        elif sidecar.is_file():
            entries.append(made_entry(settings, read_shaped(sidecar, SIDECAR)))
        elif partial and artefact_id in absent:
            entries.append(_not_run(settings, absent[artefact_id]))
        else:
            missing.append(artefact_id)
    if missing and partial:
        raise ReportError(
            f"{len(missing)} published artefacts are missing in {results}: {', '.join(missing)}; "
            f"'git restore {results}' brings back what was published, and 'python -m rework publish' publishes new ones"
        )
    if missing:
        raise ReportError(
            f"{len(missing)} declared artefacts have no result in {results}: {', '.join(missing)}; "
            "build them with snakemake, or say in the configuration why they are not made (not_run)"
        )
    return entries


def _left_out(catalogue: Catalogue, results: Path) -> dict[str, str]:
    """Return why artefacts are not among the published results; a published one that is missing is not among these."""
    found: dict[str, str] = {}
    for writeup in catalogue.writeups:
        published = read_publication(results, writeup)
        if published is None:
            published = Publication({}, dict.fromkeys(catalogue.artefact_ids(writeup), NOT_PUBLISHED))
        found |= published.left_out
    return found


def manifest(entries: list[dict[str, Any]], edition: str) -> dict[str, Any]:
    """Return the content of ``manifest.json``."""
    # The last is of older descriptions.
    dropped = ("table", "caption", "alt", "facts", "metrics", "assumed")
    return {
        "edition": edition,
        "artefacts": [{key: value for key, value in entry.items() if key not in dropped} for entry in entries],
    }


def _declared(settings: ArtefactSettings) -> dict[str, Any]:
    return {
        "id": settings.id,
        "writeup": settings.writeup,
        "kind": settings.kind,
        "label": settings.label,
        "what": settings.what,
        "published_text": settings.published_text,
        "protocol": settings.protocol,
        "invented": settings.invented,
    }


def made_entry(settings: ArtefactSettings, sidecar: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known about an artefact that has a description; it may say why this machine could not make it.

    Raises:
        ReportError: as for ``built_entry``.
    """
    if sidecar.get("status") == "not run" and sidecar.get("id") == settings.id:
        return _not_run(settings, sidecar["reason"])
    return built_entry(settings, sidecar)


def built_entry(settings: ArtefactSettings, sidecar: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known about an artefact that was made: its description, compared with what was published.

    Raises:
        ReportError: the description belongs to another artefact, or lacks what a published value or claim needs.
    """
    if sidecar.get("id") != settings.id:
        raise ReportError(f"the sidecar of {settings.id} is that of {sidecar.get('id')}; make it again")
    outputs = sidecar["provenance"]["outputs"]
    runs = runs_read(settings.writeup, sidecar)
    values = compared_values(settings, sidecar)
    claims = checked_claims(settings, sidecar)
    return {
        **sidecar,
        **_declared(settings),
        "reason": None,
        "caption": HOW_CHECKED if claims else sidecar["caption"],
        "values": values,
        "verdict": worst_of(values),
        "claims": claims,
        "runs": runs,
        "seeds": sorted({seed for run in runs for seed in run["seeds"]}),
        "files": [{"file": name, "sha256": outputs[name]} for name in sidecar["files"]],
    }


def _not_run(settings: ArtefactSettings, reason: str) -> dict[str, Any]:
    labels = {run.run: run.label for run in settings.runs}
    values = [
        {
            **declared(value),
            "key": value.key,
            "metric": value.metric,
            "subject": subject(settings, value.key),
            "label": value.label or labels.get(value.key, value.key),
            "unit": value.unit,
            "reproduced": None,
            "verdict": "not run",
            "power": None,
        }
        for value in settings.published
    ]
    return {
        **_declared(settings),
        "status": "not run",
        "reason": reason,
        "verdict": "not run",
        "values": values,
        "claims": [],
        "runs": [],
        "seeds": [],
        "data": [],
        "files": [],
        "provenance": None,
    }
