"""The library, the catalogue, and the values that wildcards may take; when parsed, this reads only config/."""

import gc
import os
import shlex
import sys
from pathlib import Path

from snakemake.cli import get_argument_parser
from snakemake.exceptions import WorkflowError

# Snakemake keeps every object that it makes for a job; with many runs, searching them for garbage takes a tenth of its
# time.
gc.set_threshold(100_000, 50, 100)

# Relative to this file, so that it is right when used as a module or with --directory.
ROOT = Path(str(workflow.current_basedir)).parents[1]
LIBRARY = ROOT / "workflow"
if workflow.modifier.path_modifier.replace_prefix("results") != "results":
    raise WorkflowError("rework: steps do not follow the prefix of a module; use --directory instead")
if str(LIBRARY) not in sys.path:
    sys.path.insert(0, str(LIBRARY))
# Lets jobs find the library, and the programs of this interpreter unless a conda environment comes first.
os.environ.update(
    PYTHONPATH=str(LIBRARY),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.config import EDITIONS
from rework.catalogue.loading import as_number
from rework.errors import ReworkError
from rework.files import canonical_json
from rework.fingerprint import SourceTree
from rework.catalogue.name_patterns import one_of
from rework.datasets.layouts import LAYOUTS
from rework.paths import RUN_FILES
from rework.catalogue.plan import PAGE_FILES, Plan
from rework.catalogue.targets import check_targets
from rework.provenance import SOURCES_FILE, packages_hash
from rework.settings.plain import plain


def asked_for():
    """Return the targets of a user's command line, and what it says is to be made again; Snakemake tells them later."""
    program = Path(sys.argv[0])
    if "snakemake" not in (program.name, program.parent.name) or "--mode" in sys.argv:  # a program's own call, or a job
        return []
    given, _ = get_argument_parser().parse_known_args([word for word in sys.argv[1:] if word != "--"])
    return [word for words in (given.targets, given.forcerun, given.until, given.omit_from) for word in words or ()]


# Values from --config, --configfile or the user of this module; Snakemake reads these three words in --config as text,
WORDS = {"true": True, "false": False, "null": None}
OVERRIDES = dict(config)
OVERRIDES.update({key: WORDS[value] for key, value in OVERRIDES.items() if str(value) in WORDS})
# ... and the numbers in a list, too.
if isinstance(OVERRIDES.get("seeds"), list):
    OVERRIDES["seeds"] = [as_number(seed) for seed in OVERRIDES["seeds"]]
try:
    CATALOGUE = load_catalogue(ROOT, OVERRIDES)
    check_targets(CATALOGUE, asked_for(), alone=workflow.modifier.parent_modifier is None)
except ReworkError as error:
    raise WorkflowError(str(error)) from None
CONFIG = CATALOGUE.config
PLANS = {edition: Plan(CATALOGUE, edition, Path("results") / edition) for edition in EDITIONS}
PLAN = PLANS[CONFIG.edition]
SOURCES = SourceTree(LIBRARY, memory=SOURCES_FILE.absolute())
ASSETS = {asset.file: asset for asset in CATALOGUE.assets.values()}
# The data sets of each layout.
DATASETS = {
    layout: [name for name, dataset in CATALOGUE.datasets.items() if dataset.layout == layout] for layout in LAYOUTS
}
TRAININGS = {training for plan in PLANS.values() for training in plan.runs()}
RUNS = {run for run, _ in TRAININGS}
ENGINE_RUNS = {run for run in RUNS if CATALOGUE.is_engine(run)}
ARTEFACTS = CATALOGUE.artefact_ids()
FIGURES = [name for name in ARTEFACTS if PLAN.artefact(name).kind == "figure"]
TARGETS = {
    "report": lambda wildcards: PLAN.report_files() + PLAN.result_files(),
    "page": PLAN.report_files(PAGE_FILES),
    "sample": lambda wildcards: PLANS["sample"].report_files() + PLANS["sample"].result_files(),
    **{name: lambda wildcards, name=name: PLAN.result_files(name) for name in CATALOGUE.writeups},
}


wildcard_constraints:
    edition=one_of(EDITIONS),
    asset=one_of(ASSETS),
    dataset=one_of(CATALOGUE.dataset_names()),
    model=one_of("/".join(model) for model in CATALOGUE.model_ids()),
    run=one_of(RUNS),
    seed=one_of({str(seed) for _, seed in TRAININGS}),
    artefact=one_of(ARTEFACTS),


def fingerprint(*modules):
    """Return the code fingerprint of library modules; a missing one stops the workflow with its name."""
    try:
        return SOURCES.fingerprint(*modules)
    except ReworkError as error:
        raise WorkflowError(str(error)) from None


def packages(family):
    """Return the hash of an environment's pins; a missing file stops the workflow with its name."""
    try:
        return packages_hash(family, ROOT / "envs")
    except ReworkError as error:
        raise WorkflowError(str(error)) from None
