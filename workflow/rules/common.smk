"""The library, the catalogue, and functions that tell the rules what a job reads; only config/ is read at once."""

import functools
import gc
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Snakemake keeps all that it makes of a job; looking for garbage among it takes a tenth of its time with many runs.
gc.set_threshold(100_000, 50, 100)

ROOT = Path(workflow.basedir)
LIBRARY = ROOT / "workflow"
if str(LIBRARY) not in sys.path:
    sys.path.insert(0, str(LIBRARY))
# Jobs find the library, and this interpreter's programs unless a conda environment comes first.
os.environ.update(
    PYTHONPATH=str(LIBRARY),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

from rework.accelerators import gpu_count
from rework.catalog import EDITIONS, load_catalog
from rework.errors import ReworkError
from rework.files import canonical_json
from rework.fingerprint import SourceTree
from rework.name_patterns import one_of
from rework.page_paths import PAGE_ARRAYS
from rework.paths import RUN_FILES
from rework.plan import ARRAYS, REPORT_FILES, WORD_ARRAYS, Plan
from rework.provenance import SOURCES_FILE, lock_hash
from rework.settings.plain import plain

# Snakemake reads these three words of --config as text.
WORDS = {"true": True, "false": False, "null": None}
OVERRIDES = dict(workflow.config_settings.overwrite_config)
OVERRIDES.update({key: WORDS[value] for key, value in OVERRIDES.items() if str(value) in WORDS})
try:
    CATALOG = load_catalog(ROOT, OVERRIDES)
    LOCK = lock_hash(ROOT / "requirements.txt")
except ReworkError as error:
    raise WorkflowError(str(error)) from None
CONFIG = CATALOG.config
PLANS = {edition: Plan(CATALOG, edition, Path("results") / edition) for edition in EDITIONS}
PLAN = PLANS[CONFIG.edition]
SOURCES = SourceTree(LIBRARY, memory=ROOT / SOURCES_FILE)
ASSETS = {asset.file: asset for asset in CATALOG.assets.values()}
WORD_DATASETS = [name for name, dataset in CATALOG.datasets.items() if dataset.words]
PAGE_DATASETS = [name for name, dataset in CATALOG.datasets.items() if dataset.pages]
RUNS = {run for plan in PLANS.values() for run, _ in plan.runs()}
ENGINE_RUNS = {run for run in RUNS if CATALOG.is_engine(run)}
ARTEFACTS = CATALOG.artefact_ids()
FIGURES = [name for name in ARTEFACTS if PLAN.artefact(name).kind == "figure"]
TARGETS = {
    "report": PLAN.report_files(),
    "sample": PLANS["sample"].report_files(),
    **{name: lambda wildcards, name=name: PLAN.report_inputs(name) for name in CATALOG.writeups},
}


# Where another executor starts the jobs, as on a cluster, these take seconds and stay on this machine. Downloads stay too:
# the other machines may have no network.
localrules:
    fetch,
    generate_sample,
    describe,
    read_letters,
    make_table,
    make_figure,
    build_report,
    verify,
    publish,


wildcard_constraints:
    edition=one_of(EDITIONS),
    asset=one_of(ASSETS),
    dataset=one_of(CATALOG.dataset_names()),
    model=one_of("/".join(model) for model in CATALOG.model_ids()),
    run=one_of(RUNS),
    seed=r"\d+",
    artefact=one_of(ARTEFACTS),


def fingerprint(*modules):
    """Return the code fingerprint of library modules; a missing one stops the workflow with its name."""
    try:
        return SOURCES.fingerprint(*modules)
    except ReworkError as error:
        raise WorkflowError(str(error)) from None


def gpus(wildcards):
    """Return how many GPUs a job asks for: with none to give, those that ask for one would wait for each other.

    What a cluster has cannot be seen from here: there, jobs ask for one unless the configuration says they need none.
    Only when a job is planned is it known who starts it, hence a function.
    """
    return int(CONFIG.device == "cuda" or (CONFIG.device == "auto" and (workflow.non_local_exec or gpu_count() > 0)))


def device_options():
    """Return where a job computes. On a cluster, which hands out GPUs itself, it takes no place on one."""
    slots = 0 if workflow.non_local_exec or workflow.remote_exec else CONFIG.gpu_slots
    return f"--device {CONFIG.device} --gpu-slots {slots}"


@functools.cache
def megabytes(edition, dataset):
    """Return the size of a data set's files; many jobs ask for it. Before they are made, Snakemake asks again later."""
    return sum(file.stat().st_size for file in PLANS[edition].dataset_files(dataset)) / 2**20


def memory(wildcards, attempt):
    """Return the megabytes that a job asks a cluster for: torch with CUDA takes some 4 GB before it loads anything.

    Bytes become floats of four times their size, and some are copied.
    """
    return int(4000 + 8 * megabytes(wildcards.edition, run_settings(wildcards).data.dataset)) * attempt


def minutes(wildcards, attempt):
    """Return the minutes that a training asks a cluster for: more than twice what one core took for the slowest run.

    One that runs out of time loses nothing but its place in the queue.
    """
    run = run_settings(wildcards)
    return int(30 + run.epochs * megabytes(wildcards.edition, run.data.dataset) / 10) * attempt


def run_settings(wildcards):
    """Return the settings of a run."""
    return PLANS[wildcards.edition].run(wildcards.run, int(wildcards.seed))


def train_inputs(wildcards):
    """Return what the training of a run reads."""
    return PLANS[wildcards.edition].train_inputs(wildcards.run, int(wildcards.seed))


def engine_module(wildcards):
    """Return the module that trains a run without the training loop."""
    return f"rework.engines.{run_settings(wildcards).model.name.replace('-', '_')}"


def reader_modules(wildcards):
    """Return the module of a run's model, whichever way it is trained."""
    return [engine_module(wildcards) if wildcards.run in ENGINE_RUNS else run_settings(wildcards).model.module]


def run_dataset(wildcards):
    """Return the files of the data set that a run reads."""
    return PLANS[wildcards.edition].dataset_files(run_settings(wildcards).data.dataset)


def train_settings(wildcards):
    """Return what a training reads of a run."""
    return PLANS[wildcards.edition].trained(wildcards.run, int(wildcards.seed))


def evaluate_settings(wildcards):
    """Return what an evaluation reads of a run."""
    return PLANS[wildcards.edition].evaluated(wildcards.run, int(wildcards.seed))


def dataset_settings(wildcards):
    """Return the settings of a data set; a generated one is that of the sample edition."""
    return PLANS[getattr(wildcards, "edition", "sample")].dataset(wildcards.dataset)


def weights_settings(wildcards):
    """Return what the weights step takes."""
    return PLANS[wildcards.edition].initial_settings(wildcards.weights).to_json()


def sample_weights_module(wildcards):
    """Return the module that draws the weights of the sample edition, or nothing."""
    settings = PLANS[wildcards.edition].initial_settings(wildcards.weights)
    return [settings.sample_module] if settings.sample else []


def model_settings(wildcards):
    """Return the settings of a model that is described, not trained."""
    return CATALOG.model(*wildcards.model.split("/"))


def describe_settings(wildcards):
    """Return what the describe step takes."""
    writeup, name = wildcards.model.split("/")
    return canonical_json({"writeup": writeup, "name": name, "model": plain(model_settings(wildcards))})


def artefact_settings(wildcards):
    """Return the settings of an artefact."""
    return PLANS[wildcards.edition].artefact(wildcards.artefact)


def artefact_module(wildcards):
    """Return the module that holds the function of an artefact."""
    return f"rework.artefacts.{artefact_settings(wildcards).writeup.replace('-', '_')}"


def published_writeup():
    """Return the writeup that --config names for publishing."""
    if CONFIG.writeup:
        return CONFIG.writeup
    raise WorkflowError(f"publish: say which writeup, --config writeup=NAME; known: {', '.join(CATALOG.writeups)}")


def command(*words):
    """Return the words of a step that reads the catalogue itself, with the values of --config."""
    return shlex.join([*words, "--overrides", canonical_json(OVERRIDES)])


def report_sources():
    """Return the templates, styles, texts and the Node lock file of the report, node_modules aside."""
    entries = [entry for entry in (ROOT / "report").iterdir() if entry.name != "node_modules"]
    found = [path for entry in entries for path in (entry, *entry.rglob("*")) if path.is_file()]
    return sorted(path.relative_to(ROOT) for path in found)


def fetch_options():
    """Return where the fetch step looks: the data folder, local folders, and whether it may download."""
    words = ["--data-dir", CONFIG.data_dir]
    for folder in CONFIG.local_folders:
        words += ["--local-folder", folder]
    return shlex.join(map(str, words + ["--offline"] * CONFIG.offline))
