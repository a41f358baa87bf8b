"""What an edit reruns: exactly what depends on it."""

import re
import subprocess
import sys

import pytest
from rework.catalogue.catalogue import load_catalogue
from rework.datasets.layouts import LAYOUTS
from workflow_copy import PAIR, REPOSITORY, counts, names

pytestmark = pytest.mark.slow

WRITEUP = "config/writeups/fashion-captions.yaml"
LIBRARY = "workflow/rework"
CATALOGUE = load_catalogue(REPOSITORY)
REPORT = {"build_page", "build_pdf"}
TRAINING = ("train", "evaluate")
PREPROCESSING = tuple(f"preprocess_{layout}" for layout in LAYOUTS)


def of_runs(*runs, rules=TRAINING):
    """Return the jobs of some runs (ids, or names of fashion-captions) of the sample edition, which has one seed."""
    return {f"{rule} run={run} seed=0" for rule in rules for run in map(full_id, runs)}


def full_id(run):
    """Return the id of a run that may be named without its writeup."""
    return run if "/" in run else f"fashion-captions/{run}"


def runs_of_model(name):
    settings = [CATALOGUE.run("sample", *run) for run in CATALOGUE.run_ids("sample")]
    return {run.id for run in settings if run.model.name == name}


def artefacts_of(*, runs=(), models=(), datasets=()):
    """Return the jobs of the artefacts that read any of these runs, models or data sets."""
    found = set()
    for name in CATALOGUE.artefact_ids():
        item = CATALOGUE.artefact("sample", name)
        own = {f"{item.writeup}/{run.run}" for run in item.runs}
        reads = own & set(map(full_id, runs)) or set(item.models) & set(models)
        if item.not_run is None and (reads or set(item.datasets) & set(datasets)):
            found.add(f"make_{'figure' if item.kind == 'figure' else 'table'} artefact={name}")
    return found


def all_artefacts(kind):
    """Return the jobs of all artefacts of a kind."""
    settings = [CATALOGUE.artefact("sample", name) for name in CATALOGUE.artefact_ids()]
    made = [item.id for item in settings if item.kind == kind and item.not_run is None]
    return {f"make_{'figure' if kind == 'figure' else 'table'} artefact={name}" for name in made}


RUN_IDS = {f"{writeup}/{run}" for writeup, run, _ in CATALOGUE.run_ids("sample")}
ENGINE_RUNS = {run for run in RUN_IDS if CATALOGUE.is_engine(run)}
# Those that the training loop trains.
ALL_RUNS = RUN_IDS - ENGINE_RUNS


def of_the_pair(runs):
    """Return those of some runs that are of the two writeups of a pair."""
    return {run for run in runs if run.partition("/")[0] in PAIR}


def add_statement(copy, path):
    copy.append(f"{LIBRARY}/{path}", "\n_ADDED_BY_A_TEST = 1\n")


def test_a_finished_edition_has_nothing_to_do(finished_template):
    assert finished_template.jobs("sample") == []


def test_a_comment_a_blank_line_and_a_docstring_rerun_nothing(finished):
    for path in sorted((finished.root / LIBRARY).rglob("*.py")):
        documented = re.sub(r'^"""', '"""Edited by a test. ', path.read_text(), count=1, flags=re.MULTILINE)
        path.write_text(f"# edited\n\n{documented}\n\n# edited\n")
    assert finished.jobs("sample") == []


def made_by(*modules):
    """Return the jobs of the artefacts whose functions are in some modules of ``rework.artefacts``."""
    homes = {f"rework.artefacts.{module}" for module in modules}
    return {
        f"make_{'figure' if item.kind == 'figure' else 'table'} artefact={item.id}"
        for item in (CATALOGUE.artefact("sample", name) for name in CATALOGUE.artefact_ids())
        if item.function.rpartition(".")[0] in homes
    }


def test_the_style_of_plots_reruns_the_figures_and_what_draws_them_alone(finished):
    add_statement(finished, "drawing/style.py")
    jobs = finished.jobs("sample")
    assert set(counts(jobs)) == {"make_figure", "make_table", *REPORT}
    assert names(jobs, "make_figure") == all_artefacts("figure")
    assert not made_by("recipes.accuracy_table", "recipes.claims", "recipes.parameter_table") & names(jobs)


@pytest.mark.parametrize(
    ("path", "homes", "count"),
    [
        # A recipe, alone and with those that call it.
        ("artefacts/recipes/kernels.py", ["recipes.kernels"], 6),
        (
            "artefacts/recipes/accuracy_table.py",
            ["recipes.accuracy_table", "mnist_cifar.accuracy_panels", "nist36.bag_of_words"],
            20,
        ),
        # What one writeup has: of 25 artefacts of ocr, pooling is the home of two.
        ("artefacts/ocr/pooling.py", ["ocr.pooling"], 2),
        ("artefacts/ocr/letter_pictures.py", ["ocr.odd_letters", "ocr.read_words"], 2),
        # A helper that draws.
        ("drawing/diagrams.py", ["fashion_captions.parameter_counts"], 4),
        (
            "drawing/curves.py",
            [
                *("recipes.learning_curves", "nist36.autoencoder", "nist36.training_log", "ocr.training_curves"),
                *(
                    "fashion_captions.caption_scores",
                    "course_notes.early_stopping",
                    "course_notes.activation_functions",
                    "course_notes.char_lm",
                ),
            ],
            33,
        ),
        (
            "drawing/example_pictures.py",
            [
                *("mnist_cifar.picture_examples", "mnist_cifar.preprocessing"),
                *("nist36.autoencoder", "nist36.confusable_letters"),
                *("fashion_captions.captioned", "course_notes.transfer_learning"),
                *("course_notes.stylised", "course_notes.gram_matrix"),
            ],
            23,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_module_of_artefacts_reruns_those_that_are_made_with_it(finished, path, homes, count):
    add_statement(finished, path)
    jobs = names(finished.jobs("sample"))
    assert jobs == made_by(*homes) | REPORT
    assert len(jobs) == count + len(REPORT)


def test_a_recipe_that_nothing_names_reruns_nothing(finished):
    path = finished.root / LIBRARY / "artefacts/recipes/another.py"
    path.write_text("def another(context: ArtefactContext) -> Built:\n    ...\n")
    assert finished.jobs("sample") == []


def test_another_label_of_a_run_reruns_what_shows_it_and_no_training(finished_pair):
    finished_pair.edit_yaml(WRITEUP, lambda writeup: writeup["runs"]["ffn"].update(label="plain network"))
    assert names(finished_pair.jobs("sample")) == artefacts_of(runs={"ffn"}) | REPORT


def test_a_model_reruns_exactly_its_runs_and_what_is_made_from_them(finished):
    runs = runs_of_model("fashion-cnn")
    assert runs
    assert runs != ALL_RUNS
    add_statement(finished, "models/fashion_cnn.py")
    assert names(finished.jobs("sample")) == of_runs(*runs) | artefacts_of(runs=runs) | REPORT


def test_a_model_that_is_described_too_is_described_again(finished):
    runs = runs_of_model("feedforward")
    add_statement(finished, "models/feedforward.py")
    expected = of_runs(*runs) | artefacts_of(runs=runs, models={"feedforward"}) | REPORT
    assert names(finished.jobs("sample")) == expected | {"describe model=fashion-captions/feedforward"}


def test_the_training_loop_reruns_every_run_and_no_data(finished):
    add_statement(finished, "training/loop.py")
    jobs = finished.jobs("sample")
    assert names(jobs, "train") == of_runs(*ALL_RUNS, rules=("train",))
    assert not names(jobs, "generate_sample", *PREPROCESSING, "describe", "fit")


def test_the_network_from_scratch_reruns_what_is_made_of_it_and_no_other_training(finished):
    add_statement(finished, "numpy_network/network.py")
    jobs = finished.jobs("sample")
    from_scratch = runs_of_model("numpy-classifier") | runs_of_model("numpy-autoencoder")
    assert from_scratch < ENGINE_RUNS
    assert names(jobs, "fit") == of_runs(*from_scratch, rules=("fit",))
    assert not names(jobs, "train", "evaluate", "generate_sample", *PREPROCESSING)


def test_the_way_letters_are_cut_out_reruns_their_reading_and_no_training(finished):
    add_statement(finished, "handwriting/crops.py")
    jobs = finished.jobs("sample")
    assert set(counts(jobs)) == {"preprocess_pages", "read_letters", "make_figure", "make_table", *REPORT}
    assert artefacts_of(datasets={"photographs"}) <= names(jobs)


def test_the_catalogue_itself_is_code_of_no_result(finished_pair):
    add_statement(finished_pair, "catalogue/validation.py")
    assert set(counts(finished_pair.jobs("sample"))) <= REPORT


def test_two_more_runs_by_config_are_exactly_their_jobs(finished_pair):
    def add(writeup):
        writeup["runs"]["wide"] = {
            **writeup["runs"]["ffn"],
            "label": "wider network",
            "model": {**writeup["runs"]["ffn"]["model"], "hidden": [300]},
        }
        writeup["sweeps"]["dropout"]["over"]["model.dropout"].append(0.6)

    finished_pair.edit_yaml(WRITEUP, add)
    jobs = finished_pair.jobs("sample")
    assert names(jobs, *TRAINING) == of_runs("wide", "cnn-dropout-0.6")
    # the claims cover all runs, so they and the report follow; nothing else does
    follow = {"make_table artefact=fashion-captions/claims", *REPORT}
    assert names(jobs) - names(jobs, *TRAINING) == follow


def test_two_more_runs_of_the_full_edition_have_a_job_per_seed(fresh_pair):
    before = names(fresh_pair.jobs())

    def add(writeup):
        writeup["runs"]["wide"] = {**writeup["runs"]["ffn"], "label": "wide", "seeds": [0, 1, 2]}
        writeup["runs"]["wider"] = {**writeup["runs"]["ffn"], "label": "wider", "seeds": [5]}

    fresh_pair.edit_yaml(WRITEUP, add)
    seeds = [("wide", 0), ("wide", 1), ("wide", 2), ("wider", 5)]
    expected = {f"{rule} run=fashion-captions/{run} seed={seed}" for rule in TRAINING for run, seed in seeds}
    assert names(fresh_pair.jobs()) - before == expected


def test_a_hyperparameter_reruns_its_run_alone(finished_pair):
    finished_pair.edit_yaml(WRITEUP, lambda writeup: writeup["runs"]["ffn"]["optimiser"].update(momentum=0.5))
    expected = of_runs("ffn") | artefacts_of(runs={"ffn"}) | REPORT
    assert names(finished_pair.jobs("sample")) == expected


def test_what_an_evaluation_keeps_reruns_no_training(finished_pair):
    finished_pair.edit_yaml(
        WRITEUP, lambda writeup: writeup["runs"]["ffn"].update(capture={"layers": [], "images": [1]})
    )
    jobs = names(finished_pair.jobs("sample"))
    assert of_runs("ffn", rules=("evaluate",)) <= jobs
    assert not any(job.startswith("train ") for job in jobs)


def test_another_source_of_a_setting_and_what_was_tried_render_the_report_again(finished_pair):
    def change(writeup):
        writeup["runs"]["ffn"]["sources"]["assumed"].append("seeds")
        writeup["runs"]["ffn"]["tried"] = {"epochs": "Five and twenty."}
        writeup["references"] = writeup["references"][:1]

    finished_pair.edit_yaml(WRITEUP, change)
    assert names(finished_pair.jobs("sample")) == REPORT


def test_another_source_of_an_option_of_a_data_set_renders_the_report_again(finished_pair):
    def change(content):
        content["datasets"]["fashion-mnist"]["sources"] = {"course": ["validation"]}

    finished_pair.edit_yaml("config/assets.yaml", change)
    assert names(finished_pair.jobs("sample")) == REPORT


@pytest.mark.parametrize(
    "config",
    [
        {"device": "cuda", "offline": True, "local_folders": ["elsewhere"], "data_dir": "elsewhere"},
        {"device": "cpu", "gpu_slots": 3, "cuda_graphs": "false"},
    ],
)
def test_where_to_compute_and_where_data_lie_rerun_nothing(finished_pair_template, config):
    assert finished_pair_template.jobs("sample", **config) == []


def test_the_source_and_the_citation_of_a_file_rerun_nothing_and_its_checksum_reruns_what_is_read_from_it(fresh_pair):
    copy = fresh_pair.pretend()
    target = "results/full/data/fashion-mnist/dataset.json"
    copy.run(target)
    assert copy.jobs(target) == []
    asset = "fashion-mnist-test-labels"

    def cite(content):
        content["assets"][asset].update(citation="Others", licence="another", urls=["https://example.org/labels.gz"])

    copy.edit_yaml("config/assets.yaml", cite)
    assert copy.jobs(target) == []
    copy.edit_yaml("config/assets.yaml", lambda content: content["assets"][asset].update(sha256="0" * 64))
    file = CATALOGUE.assets[asset].file
    assert names(copy.jobs(target)) == {f"fetch asset={file}", "preprocess_examples dataset=fashion-mnist"}


def test_the_global_seed_reruns_everything(finished_template):
    before = counts(finished_template.jobs("sample", global_seed=1))
    assert (before["train"], before["fit"]) == (len(ALL_RUNS), len(ENGINE_RUNS))
    assert before["generate_sample"] == sum(bool(dataset.assets) for dataset in CATALOGUE.datasets.values())


def test_a_template_reruns_the_report_alone(finished_pair):
    template = min(
        path for path in (finished_pair.root / "report").rglob("*") if path.suffix in (".css", ".html", ".mjs")
    )
    template.write_text(template.read_text() + "\n")
    assert names(finished_pair.jobs("sample")) == REPORT


def test_the_text_of_an_artefact_that_is_not_built_reruns_the_report_alone(finished_pair):
    finished_pair.edit_yaml(WRITEUP, lambda writeup: writeup["artefacts"]["lstm-loss"].update(what="Another text"))
    assert names(finished_pair.jobs("sample")) == REPORT


def raised(copy, package):
    """Lock another version of a package, renew the environments as 'make lock' does, and dry-run."""
    lock = copy.root / "requirements.txt"
    text, count = re.subn(rf"^{package}==\S+", f"{package}==99.0", lock.read_text(), flags=re.MULTILINE)
    assert count == 1
    lock.write_text(text)
    subprocess.run([sys.executable, copy.root / "tools" / "make_envs.py"], check=True)
    return copy.planned("sample")


DATA = {"generate_sample", *(f"preprocess_{layout}" for layout in LAYOUTS)}


def test_the_command_line_sees_a_finished_edition_too(finished_template):
    assert finished_template.planned("sample") == {}


def test_a_linter_reruns_nothing(finished_pair):
    assert raised(finished_pair, "ruff") == {}


def test_what_only_the_report_is_made_with_reruns_the_report(finished_pair):
    assert raised(finished_pair, "weasyprint") == dict.fromkeys(REPORT, 1)


def test_matplotlib_reruns_artefacts_and_neither_data_nor_trainings(finished_pair):
    assert set(raised(finished_pair, "matplotlib")) == {"make_figure", "make_table", *REPORT}


def test_torch_reruns_every_training_and_no_data(finished):
    planned = raised(finished, "torch")
    assert planned["train"] == planned["evaluate"] == len(ALL_RUNS)
    assert planned["describe"] == len(CATALOGUE.model_ids())
    assert not planned.keys() & {"fit", *(DATA - {"preprocess_pages", "preprocess_captions"})}


def test_scikit_learn_reruns_the_networks_of_numpy_alone(finished_pair):
    planned = raised(finished_pair, "scikit-learn")
    assert planned["fit"] == len(of_the_pair(ENGINE_RUNS))
    assert "train" not in planned


def test_numpy_reruns_everything(finished):
    planned = raised(finished, "numpy")
    assert (planned["train"], planned["fit"]) == (len(ALL_RUNS), len(ENGINE_RUNS))
    assert {"make_figure", "make_table", "read_letters", *REPORT, *DATA} <= planned.keys()


def test_lost_files_are_made_again_when_the_report_needs_them(finished_pair):
    (finished_pair.root / "results/sample/report/report.html").unlink()
    assert names(finished_pair.jobs("sample")) == {"build_page"}
    (finished_pair.root / "results/sample/runs/fashion-captions/ffn/seed0/metrics.json").unlink()
    expected = of_runs("ffn", rules=("evaluate",)) | artefacts_of(runs={"ffn"}) | REPORT
    assert names(finished_pair.jobs("sample")) == expected


def change_tolerance(writeup):
    blocks = writeup["artefacts"]["dropout-table"]["published"]
    (blocks[0] if isinstance(blocks, list) else blocks)["tolerance"] = 0.5


def change_claims(writeup):
    writeup["claims"][0].update(text="Another text.", margin=0.05, relation="<")


def add_claim(writeup):
    writeup["claims"].append({**writeup["claims"][0], "id": "another", "left": "ffn", "metric": "test_loss"})


def change_words(writeup):
    writeup["artefacts"]["dropout-table"].update(what="Another text", label="Table 99", protocol="another")


@pytest.mark.parametrize("change", [change_tolerance, change_claims, add_claim, change_words])
def test_what_was_published_or_claimed_reruns_the_report_alone(finished_pair, change):
    finished_pair.edit_yaml(WRITEUP, change)
    assert names(finished_pair.jobs("sample")) == REPORT


@pytest.mark.parametrize("module", ["verdicts", "claims"])
def test_the_rule_of_verdicts_reruns_the_report_alone(finished_pair, module):
    add_statement(finished_pair, f"evaluation/{module}.py")
    assert names(finished_pair.jobs("sample")) == REPORT
