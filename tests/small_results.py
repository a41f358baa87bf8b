"""A finished edition in a temporary folder: a small catalogue, and result files whose hashes are as recorded."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from rework import paths
from rework.catalogue.plan import Plan
from rework.files import read_json, sha256_file, write_json
from rework.settings.artefact import ArtefactSettings, RunReference
from rework.settings.data import AssetSettings, DatasetSettings
from rework.settings.run import DataSettings, ModelSettings, OptimiserSettings, RunSettings

ASSET = AssetSettings("raw", "tiny/raw.gz", ("https://example.org/raw.gz",), None, None, "", "")
SPLITS = ("train", "validation", "test")


@dataclass
class SmallCatalogue:
    """What ``Plan`` asks of a catalogue: two writeups, each with runs, a table and a figure."""

    data_dir: Path
    runs: dict = field(default_factory=lambda: {"first": ["cnn", "mlp"], "second": ["rnn"]})
    not_run: set = field(default_factory=set)

    @property
    def config(self):
        return SimpleNamespace(data_dir=self.data_dir, report={})

    @property
    def writeups(self):
        return dict.fromkeys(self.runs)

    def writeup(self, name):
        return self.runs[name]

    def run_ids(self, _edition, writeup=None):
        return [(w, run, 0) for w, runs in self.runs.items() if writeup in (None, w) for run in runs]

    def run(self, _edition, writeup, run, seed):
        return RunSettings(
            writeup, run, seed, 0, ModelSettings("fashion-cnn"), DataSettings("tiny"), OptimiserSettings("sgd", 0.1),
            "nll", 8, 1,
        )  # fmt: skip

    def artefact_ids(self, writeup=None):
        return [f"{w}/{name}" for w in self.runs if writeup in (None, w) for name in ("table", "curves")]

    def artefact(self, _edition, artefact):
        writeup, name = artefact.split("/")
        return ArtefactSettings(
            id=artefact,
            kind="figure" if name == "curves" else "table",
            label="",
            what="",
            runs=tuple(RunReference(run, run, "tiny", (0,), 1) for run in self.runs[writeup]),
            not_run="not built yet" if artefact in self.not_run else None,
        )

    @property
    def datasets(self):
        return {"tiny": SimpleNamespace(layout="examples")}

    @cached_property
    def assets(self):
        return {ASSET.id: ASSET}

    def initial_assets(self):
        return ()

    def dataset_names(self):
        return ["tiny"]

    def dataset(self, edition, name):
        return DatasetSettings(name, edition == "sample", () if edition == "sample" else (ASSET,))

    def model_ids(self):
        return [(writeup, "net") for writeup in self.runs]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return sha256_file(path)


def finished(root):
    """Write a finished full edition under ``root`` and return its plan."""
    plan = Plan(SmallCatalogue(root / "data"), "full", root / "results" / "full")
    raw = write(root / "data" / ASSET.file, "raw")
    folder = paths.dataset_dir(plan.results, "tiny")
    splits = {split: {part: _write_array(folder, split, part) for part in ("inputs", "targets")} for split in SPLITS}
    write_json(
        folder / "dataset.json",
        {
            "name": "tiny",
            "layout": "examples",
            "sample": False,
            "classes": [],
            "notes": [],
            "splits": splits,
            "assets": [{"id": "raw", "file": ASSET.file, "sha256": raw}],
            "provenance": made_by("preprocess"),
        },
    )
    for writeup, name in plan.catalogue.model_ids():
        write_json(
            paths.model_description(plan.results, writeup, name),
            {"model": {"name": name}, "layers": [], "parameters": 0, "provenance": made_by("describe")},
        )
    for run, seed in plan.runs():
        write_run(plan, run, seed)
    for artefact in plan.built_artefacts():
        write_artefact(plan, artefact)
    for file in plan.report_files():
        write(file, file.name)
    entries = [entry(read_json(plan.artefact_files(name)[0])) for name in plan.built_artefacts()]
    write_json(paths.report_dir(plan.results) / "manifest.json", {"edition": "full", "artefacts": entries})
    return plan


def made_by(step, **others):
    return {"step": step, "code": "0" * 64, "packages": "0" * 64, **others}


def relative(plan, file):
    return file.relative_to(plan.results).as_posix()


def _write_array(folder, split, part):
    name = f"{split}_{part}.npy"
    return {"file": name, "sha256": write(folder / name, f"{split} {part}")}


def write_run(plan, run, seed):
    weights, history, probes, provenance, metrics, predictions = plan.run_files(run, seed)
    info = plan.dataset_files("tiny")[0]
    made = {file.name: write(file, f"{file.stem} {run}") for file in (weights, history, probes)}
    writeup, name = run.split("/")
    trained = {
        "settings": {"writeup": writeup, "run": name, "seed": seed},
        "environment": {"packages": {}},
        "device": "cpu",
        "precision": "fp32",
        **dict.fromkeys(("threads", "parameters", "steps"), 1),
        "seconds": 1.5,
    }
    read = {relative(plan, info): sha256_file(info)}
    write_json(provenance, {**made_by("train", inputs=read, outputs=made), **trained})
    inputs = {weights.name: made[weights.name], relative(plan, info): sha256_file(info)}
    outputs = {predictions.name: write(predictions, f"predictions {run}")}
    measured = {
        "run": run,
        "seed": seed,
        "metrics": {"test_accuracy": {"value": 0.9, "n": 10}},
        "dataset": {"name": "tiny", "sha256": sha256_file(info), "sample": False},
    }
    write_json(metrics, {**measured, "provenance": made_by("evaluate", inputs=inputs, outputs=outputs)})


def write_artefact(plan, artefact):
    sidecar, *others = plan.artefact_files(artefact)
    outputs = {file.name: write(file, f"{artefact} {file.suffix}") for file in others}
    inputs = {relative(plan, file): sha256_file(file) for file in plan.artefact_inputs(artefact)}
    write_json(
        sidecar,
        {
            "id": artefact,
            "kind": plan.artefact(artefact).kind,
            "status": "built",
            **dict.fromkeys(("caption", "alt"), ""),
            "comparable": True,
            "values": [
                {"key": "cnn", "metric": "test_accuracy", "reproduced": {"mean": 0.9, "values": [0.9], "seeds": [0]}}
            ],
            "table": None,
            "facts": {},
            "runs": [{"run": run.run, "seeds": list(run.seeds)} for run in plan.artefact(artefact).runs],
            "data": [{"name": "tiny", "sha256": sha256_file(plan.dataset_files("tiny")[0])}],
            "files": list(outputs),
            "provenance": made_by("artefact", inputs=inputs, outputs=outputs),
        },
    )


def entry(sidecar):
    """Return what the manifest holds of an artefact."""
    outputs = sidecar["provenance"]["outputs"]
    return {**sidecar, "files": [{"file": name, "sha256": outputs[name]} for name in sidecar["files"]]}


def change_json(path, change):
    """Alter a JSON file in place."""
    content = read_json(path)
    change(content)
    write_json(path, content)
