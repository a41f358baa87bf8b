"""Replaces ``python -m rework`` in a copied workflow: writes the files of a step and computes nothing."""

import json
import sys
from pathlib import Path

from rework import paths
from rework.datasets.layouts import LAYOUTS


def outputs(step, settings, results, options):
    """Return the files that a step makes, as the path grammar has them."""
    if step == "fetch":
        return [Path(options["--data-dir"]) / settings["file"]]
    if step == "sample":
        return [paths.raw_dir(results, settings["name"]) / "raw.gz"]
    if step == "preprocess":
        folder = paths.dataset_dir(results, settings["name"])
        return [folder / name for name in LAYOUTS[settings["layout"]].file_names]
    if step == "weights":
        weights = paths.initial_weights_file(results, settings["name"])
        return [weights, weights.with_suffix(".json")]
    if step == "read":
        where = (results, options["pages"], f"{settings['writeup']}/{settings['run']}", settings["seed"])
        return [paths.reading_file(*where), paths.reading_record(*where)]
    if step == "describe":
        return [paths.model_description(results, settings["writeup"], settings["name"])]
    if step in ("train", "evaluate", "fit"):
        made = {"train": paths.RUN_FILES[:4], "evaluate": paths.RUN_FILES[4:], "fit": paths.RUN_FILES}[step]
        folder = paths.run_dir(results, settings["writeup"], settings["run"], settings["seed"])
        return [folder / name for name in made]
    if step == "artefact":
        suffixes = ("json", "csv", "svg") if settings["kind"] == "figure" else ("json", "csv")
        return [paths.artefact_file(results, settings["id"], suffix) for suffix in suffixes]
    assert step == "report", step
    names = ("report.pdf", "report.html", "manifest.json", "metrics.csv")
    return [paths.report_dir(results) / name for name in names]


def main():
    """Read the words that matter and write one line of text into every file."""
    step, *words = sys.argv[1:]
    options = {word: words[i + 1] for i, word in enumerate(words[:-1]) if word.startswith("--")}
    if words and not words[0].startswith("--"):
        options["pages"] = words[0]
    settings = json.loads(options.get("--settings", "{}"))
    for path in outputs(step, settings, Path(options.get("--results", "results")), options):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{step} {json.dumps(settings, sort_keys=True)}\n")


main()
