"""Faults to plant in a finished sample edition, each with what verifying it must say, and nothing else.

A plant is a function of an ``Edit``, which remembers how everything was; it returns the files that must be named, with
a word or two of what is said of each.
"""

import json
import os
import shutil
from pathlib import Path

from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.recorded import write_record
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY)
PLANNED = Plan(CATALOGUE, "sample", Path())
RUN, ENGINE = "runs/ocr/cnn-2/seed0", "runs/nist36/scratch/seed0"
TABLE, FIGURE = "artefacts/ocr/depth-table", "artefacts/ocr/depth-curves"
RAW, DATA = "data/ocr-letters/raw", "data/ocr-letters"
READING = sorted(path.as_posix() for path in PLANNED.all_files() if path.parts[0] == "readings")[0].partition(".")[0]
MODEL = sorted(path.as_posix() for path in PLANNED.all_files() if path.parts[0] == "models")[0]
WEIGHTS = PLANNED.initial_files(CATALOGUE.initial_assets()[0])[0].with_suffix("").as_posix()
PAGE, PDF, MANIFEST, METRICS = (
    f"report/{name}" for name in ("report.html", "report.pdf", "manifest.json", "metrics.csv")
)
OTHER = "is not what"
LOST = "is missing"


class Edit:
    """Changes to an edition that can be taken back, so that each file has the same time of change as before."""

    def __init__(self, results):
        self.results = results
        self._undo = []

    def undo(self):
        """Take all changes back, the last one first."""
        while self._undo:
            self._undo.pop()()

    def path(self, name):
        """Return the path of a file of the edition, after noting how it is."""
        path = self.results / name
        kept = self.results.parent / f"kept-{len(self._undo)}"
        if os.path.lexists(path):
            # The file itself is put aside and a copy takes its place, so that what has its hash in memory is the same.
            path.rename(kept)
            if kept.is_dir():
                shutil.copytree(kept, path, symlinks=True)
            else:
                shutil.copy2(kept, path)
        new = next((parent for parent in reversed(path.parents) if not parent.exists()), path)
        path.parent.mkdir(parents=True, exist_ok=True)

        def restore():
            _remove(new if new != path else path)
            if os.path.lexists(kept):
                kept.rename(path)

        self._undo.append(restore)
        return path

    def write(self, name, content):
        """Write bytes."""
        self.path(name).write_bytes(content)

    def remove(self, name):
        """Remove a file or a folder."""
        _remove(self.path(name))

    def read(self, name):
        """Return the content of a record."""
        return json.loads((self.results / name).read_text())

    def forge(self, name, change):
        """Alter a record and seal it again, as somebody would who knows how they are made."""
        path = self.path(name)
        content = json.loads(path.read_text())
        content.pop("record_sha256", None)
        change(content)
        write_record(path, content)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def changed(name, said=OTHER):
    """Change a byte in the middle of a file."""

    def plant(edit):
        content = bytearray((edit.results / name).read_bytes())
        content[len(content) // 2] ^= 1
        edit.write(name, bytes(content))
        return {name: said}

    return plant


def cut(name, said=OTHER):
    """Cut off the second half of a file."""

    def plant(edit):
        content = (edit.results / name).read_bytes()
        edit.write(name, content[: len(content) // 2])
        return {name: said}

    return plant


def longer(name, said=OTHER):
    """Append a line to a file."""

    def plant(edit):
        edit.write(name, (edit.results / name).read_bytes() + b"\n0,0\n")
        return {name: said}

    return plant


def gone(name, said=LOST):
    """Remove a file."""

    def plant(edit):
        edit.remove(name)
        return {name: said}

    return plant


def added(name, said="is made by no rule", content=b"{}"):
    """Put a file where none belongs."""

    def plant(edit):
        edit.write(name, content)
        return {name: said}

    return plant


def holds(name, content, said):
    """Let a file hold something else altogether."""

    def plant(edit):
        edit.write(name, content if isinstance(content, bytes) else json.dumps(content).encode())
        return {name: said}

    return plant


def forged(name, change, said=OTHER, named=None):
    """Alter a record with its own hash; the file that gives it away may be another one."""

    def plant(edit):
        edit.forge(name, change)
        return {named or name: said}

    return plant


def folder(name):
    """Put a folder in the place of a file."""

    def plant(edit):
        edit.remove(name)
        edit.path(name).mkdir()
        return {name: "is a folder, where a file should be"}

    return plant


def linked(name, target, said):
    """Put a link where a file is or none belongs."""

    def plant(edit):
        edit.remove(name)
        edit.path(name).symlink_to(target)
        return {name: said}

    return plant


def pipe(name, said):
    """Put a named pipe, which nobody writes into, where a file is or none belongs."""

    def plant(edit):
        edit.remove(name)
        os.mkfifo(edit.path(name))
        return {name: said}

    return plant


def in_place_of_folder(name, put, said):
    """Put something else where a folder is: what it held is not named."""

    def plant(edit):
        edit.remove(name)
        put(edit.path(name))
        return {name: said}

    return plant


def elsewhere(name):
    """Let a link lead to a folder that was moved, which is no fault."""

    def plant(edit):
        path = edit.path(name)
        away = edit.path(f"../moved-{path.name}")
        path.rename(away)
        path.symlink_to(away)
        return {}

    return plant


def huge(name):
    """Make a file sparse and of 60 GB."""

    def plant(edit):
        os.truncate(edit.path(name), 60 * 2**30)
        return {name: "holds 64,424,509,440 bytes, more than the"}

    return plant


def swapped(edit):
    """Give a run the weights of another seed or run, whose record they fit."""
    edit.write(f"{RUN}/weights.safetensors", (edit.results / "runs/ocr/cnn-3/seed0/weights.safetensors").read_bytes())
    return {f"{RUN}/weights.safetensors": OTHER}


def other_run(edit):
    """Give a run all files of another one; what artefacts were made from is not what they recorded either."""
    for name in paths.RUN_FILES:
        edit.write(f"{RUN}/{name}", (edit.results / "runs/ocr/cnn-3/seed0" / name).read_bytes())
    told = dict.fromkeys(("provenance.json", "metrics.json"), "the record of something else")
    told |= dict.fromkeys(("weights.safetensors", "history.csv", "predictions.npz"), OTHER)
    return {f"{RUN}/{name}": said for name, said in told.items()}


def whole_run(edit):
    """Remove a run with all its files."""
    edit.remove(RUN)
    return {f"{RUN}/{name}": LOST for name in paths.RUN_FILES}


def other_page(edit):
    """Put a whole page of another build in the place of this one's."""
    from rework.page_seals import sealed

    content = (edit.results / PAGE).read_bytes()
    edit.write(PAGE, sealed(content[: content.rindex(b"<!-- manifest")], ".html", "0" * 64))
    return {PAGE: "was built with another manifest"}


def other_manifest(edit):
    """Forge the manifest alone, in a key that nothing else tells."""
    edit.forge(MANIFEST, lambda content: content["artefacts"][0].update(what="something else"))
    return dict.fromkeys((PAGE, PDF), "was built with another manifest")


def values(content):
    """Alter the first measured value of a manifest."""
    entry = next(entry for entry in content["artefacts"] if entry["values"] and entry["values"][0]["reproduced"])
    entry["values"][0]["reproduced"]["mean"] = 0.5


def lose(key):
    """Return the change that takes a key, or the last part of a dotted one, from a record."""

    def change(content):
        *outer, last = key.split(".")
        for part in outer:
            content = content[part]
        del content[last]

    return change


def deep(edit):
    """Nest a record a hundred thousand times."""
    edit.write(f"{TABLE}.json", b"[" * 100_000 + b"]" * 100_000)
    return {f"{TABLE}.json": "nested deeper"}


def data_files():
    """Return a file of every kind that a data set has, by what it is."""
    found = {}
    for name in CATALOGUE.dataset_names():
        layout = CATALOGUE.datasets[name].layout
        for file in PLANNED.dataset_files(name)[1:]:
            found.setdefault(f"{layout} {file.name.partition('_')[2] or file.name}", file.as_posix())
    return found


SEALED = "was changed after it was made"
RECORDS = {
    "training": f"{RUN}/provenance.json",
    "evaluation": f"{RUN}/metrics.json",
    "data set": f"{DATA}/dataset.json",
    "weights": f"{WEIGHTS}.json",
    "reading": f"{READING}.json",
    "artefact": f"{TABLE}.json",
    "manifest": MANIFEST,
}
OF_RUN = {name: f"{RUN}/{name}" for name in ("weights.safetensors", "history.csv", "probes.csv", "predictions.npz")}
FILES = {
    **OF_RUN,
    "weights": f"{WEIGHTS}.safetensors",
    "reading": f"{READING}.npz",
    "table": f"{TABLE}.csv",
    "drawing": f"{FIGURE}.svg",
    "table of values": METRICS,
}
PLANTS = {
    **{f"changed: {what}": changed(name) for what, name in {**data_files(), **FILES}.items()},
    **{f"changed: record of {what}": changed(name, "") for what, name in RECORDS.items()},
    "changed: model": holds(MODEL, {"model": {}}, "missing"),
    "changed: page": changed(PAGE, "is not as it was built"),
    "changed: PDF": changed(PDF, "is not as it was built"),
    "changed: raw file": changed(f"{RAW}/letter.data.gz"),
    "changed: record of raw files": changed(f"{RAW}/.record.json", ""),
    **{f"cut: {what}": cut(name) for what, name in FILES.items()},
    **{f"cut: record of {what}": cut(name, "not a JSON file") for what, name in RECORDS.items()},
    "cut: array": cut(f"{DATA}/train_offsets.npy"),
    "cut: page": cut(PAGE, "has lost its last line"),
    "cut: PDF": cut(PDF, "has lost its last line"),
    "longer: history": longer(f"{RUN}/history.csv"),
    "longer: drawing": longer(f"{FIGURE}.svg"),
    "longer: PDF": longer(PDF, "has lost its last line"),
    **{f"gone: {what}": gone(name) for what, name in FILES.items()},
    **{f"gone: record of {what}": gone(name) for what, name in RECORDS.items()},
    "gone: array": gone(f"{DATA}/test_offsets.npy"),
    "gone: model": gone(MODEL),
    "gone: page": gone(PAGE),
    "gone: PDF": gone(PDF),
    "gone: raw file": gone(f"{RAW}/letter.data.gz"),
    "gone: record of raw files": gone(f"{RAW}/.record.json"),
    "gone: all raw files of a data set": gone(RAW),
    "gone: run": whole_run,
    "added: run": added("runs/ocr/cnn-9/seed0/metrics.json"),
    "added: seed": added(f"{RUN.replace('seed0', 'seed7')}/weights.safetensors"),
    "added: drawing of a table": added(f"{TABLE}.svg"),
    "added: array": added(f"{DATA}/extra.npy"),
    "added: data set": added("data/unknown/dataset.json"),
    "added: model": added("models/ocr/unknown.json"),
    "added: reading": added(f"{READING}-of-another.npz"),
    "added: raw file": added(f"{RAW}/more.gz", "was not generated"),
    "added: file of the report": added("report/report.tex"),
    "added: beside the folders": added("notes.txt"),
    "added: folder beside the folders": lambda edit: (edit.path("old").mkdir(), {"old": "is made by no rule"})[1],
    "added: checkpoint": added("checkpoints/ocr/cnn-9/seed0.pt", "is kept of a training"),
    "added: finished training": added("finished/ocr/cnn-9/seed0/identity", "is kept of a training"),
    "added: earlier description": added(f"{DATA}/earlier/dataset-0123456789abcdef.json"),
    "partial: weights": added(f"{RUN}/.weights.safetensors.x1", "is left from an interrupted write"),
    "partial: drawing": added(f"{FIGURE.rpartition('/')[0]}/.depth-curves.svg.x1", "is left from an interrupted write"),
    "link: to nothing, for a file": linked(f"{TABLE}.csv", "nowhere", "is a link to a file that is not there"),
    "link: to nothing, beside files": linked(f"{RUN}/old.csv", "nowhere", "is a link to a file that is not there"),
    "link: to itself": linked(f"{RUN}/loop", "loop", "is a link that leads nowhere"),
    "link: to a folder": linked("runs/ocr/cnn-9", "cnn-2", "is made by no rule"),
    "link: to a folder that was moved": elsewhere("models"),
    "link: to a folder that is gone": in_place_of_folder(
        "models", lambda path: path.symlink_to("nowhere"), "is a link to a folder that is not there"
    ),
    "file: for a folder": in_place_of_folder("models", Path.touch, "is a file, where a folder should be"),
    **{f"huge: record of {what}": huge(name) for what, name in RECORDS.items()},
    "huge: table": huge(f"{RUN}/history.csv"),
    "huge: drawing": huge(f"{FIGURE}.svg"),
    "pipe: for a file": pipe(f"{TABLE}.csv", "is a pipe"),
    "pipe: for a record": pipe(f"{RUN}/metrics.json", "is a pipe"),
    "pipe: beside files": pipe(f"{RUN}/pipe", "is a pipe"),
    "folder: for a file": folder(f"{TABLE}.csv"),
    "folder: for a record": folder(f"{RUN}/provenance.json"),
    "folder: for the page": folder(PAGE),
    "odd: nested deep": deep,
    "odd: null": holds(f"{RUN}/metrics.json", None, "not a JSON object"),
    "odd: a list": holds(f"{RUN}/provenance.json", [], "not a JSON object"),
    "odd: outputs are null": holds(f"{DATA}/dataset.json", {"outputs": None}, "missing"),
    "odd: raw outputs are null": holds(f"{RAW}/.record.json", {"name": "", "outputs": None}, "key outputs"),
    "odd: nothing": holds(f"{TABLE}.json", b"", "not a JSON file"),
    "odd: no text": holds(f"{TABLE}.json", b"\xff\xfe\x00", "not a JSON file"),
    "odd: a number of 5000 digits": holds(f"{READING}.json", b'{"run": ' + b"9" * 5000 + b"}", "not JSON as it is"),
    "odd: not a number": holds(f"{TABLE}.json", b'{"record_sha256": "", "id": NaN}', ""),
    "odd: half a letter": holds(f"{TABLE}.json", b'{"record_sha256": "", "id": "\\ud800"}', ""),
    "forged: provenance is null": forged(f"{TABLE}.json", lambda r: r.update(provenance=None), "key provenance"),
    "forged: outputs are a list": forged(f"{RUN}/provenance.json", lambda r: r.update(outputs=[]), "key outputs"),
    "forged: a path out of the results": forged(
        f"{TABLE}.json", lambda r: r["provenance"]["inputs"].update({"../../etc/passwd": "0" * 64}), "path of a file"
    ),
    "forged: no hash of a file": forged(f"{FIGURE}.json", lose("provenance.outputs"), "outputs: missing"),
    "forged: no hash of weights": forged(
        f"{RUN}/provenance.json", lambda r: r["outputs"].pop("weights.safetensors"), "holds no hash of weights"
    ),
    "forged: caption": forged(f"{TABLE}.json", lambda r: r.update(caption="Better."), "ocr/depth-table", MANIFEST),
    "forged: facts": forged(f"{TABLE}.json", lambda r: r.update(facts={}), "ocr/depth-table", MANIFEST),
    "forged: seconds of a training": forged(
        f"{RUN}/provenance.json", lambda r: r.update(seconds=0.5), "says something else", MANIFEST
    ),
    "forged: metric": forged(
        f"{RUN}/metrics.json", lambda r: r["metrics"]["test_accuracy"].update(value=0.999), "is not what"
    ),
    "forged: value in the manifest": forged(MANIFEST, values, "says something else"),
    "forged: lost entry of the manifest": forged(MANIFEST, lambda r: r["artefacts"].pop(), "says something else"),
    "forged: entry twice": forged(MANIFEST, lambda r: r["artefacts"].append(r["artefacts"][0]), "says something else"),
    "forged: edition of the manifest": forged(MANIFEST, lambda r: r.update(edition="full"), "of the edition 'full'"),
    "forged: record in the manifest": forged(
        MANIFEST, lambda r: r["records"].update({f"{RUN}/metrics.json": "0" * 64}), "says something else"
    ),
    "forged: manifest": other_manifest,
    "forged: page of another build": other_page,
    "mixed up: weights": swapped,
    "mixed up: run": other_run,
    "mixed up: data set": forged(
        f"{DATA}/dataset.json", lambda r: r.update(name="mnist"), "the record of something else"
    ),
    "mixed up: reading": forged(f"{READING}.json", lambda r: r.update(seed=5), "the record of something else"),
}
