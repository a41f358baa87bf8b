"""A finished edition in a temporary folder: a small catalogue, and result files whose hashes are as recorded."""

from dataclasses import dataclass, field
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
        folder / "dataset.json", {"splits": splits, "assets": [{"id": "raw", "file": ASSET.file, "sha256": raw}]}
    )
    for writeup, name in plan.catalogue.model_ids():
        write_json(
            paths.model_description(plan.results, writeup, name), {"layers": [], "provenance": {"step": "describe"}}
        )
    for run, seed in plan.runs():
        write_run(plan, run, seed)
    for artefact in plan.built_artefacts():
        write_artefact(plan, artefact)
    for file in plan.report_files():
        write(file, file.name)
    entries = [{**read_json(plan.artefact_files(name)[0]), "status": "built"} for name in plan.built_artefacts()]
    write_json(paths.report_dir(plan.results) / "manifest.json", {"edition": "full", "artefacts": entries})
    return plan


def relative(plan, file):
    return file.relative_to(plan.results).as_posix()


def _write_array(folder, split, part):
    name = f"{split}_{part}.npy"
    return {"file": name, "sha256": write(folder / name, f"{split} {part}")}


def write_run(plan, run, seed):
    weights, history, probes, provenance, metrics, predictions = plan.run_files(run, seed)
    info = plan.dataset_files("tiny")[0]
    made = {file.name: write(file, f"{file.stem} {run}") for file in (weights, history, probes)}
    write_json(
        provenance,
        {"step": "train", "inputs": {relative(plan, info): sha256_file(info)}, "outputs": made, "seconds": 1.5},
    )
    inputs = {weights.name: made[weights.name], relative(plan, info): sha256_file(info)}
    outputs = {predictions.name: write(predictions, f"predictions {run}")}
    write_json(metrics, {"run": run, "provenance": {"step": "evaluate", "inputs": inputs, "outputs": outputs}})


def write_artefact(plan, artefact):
    sidecar, *others = plan.artefact_files(artefact)
    outputs = {file.name: write(file, f"{artefact} {file.suffix}") for file in others}
    inputs = {relative(plan, file): sha256_file(file) for file in plan.artefact_inputs(artefact)}
    write_json(
        sidecar,
        {
            "id": artefact,
            "values": [{"key": "cnn", "metric": "test_accuracy", "reproduced": {"mean": 0.9}}],
            "provenance": {"step": "artefact", "inputs": inputs, "outputs": outputs},
        },
    )


def change_json(path, change):
    """Alter a JSON file in place."""
    content = read_json(path)
    change(content)
    write_json(path, content)
