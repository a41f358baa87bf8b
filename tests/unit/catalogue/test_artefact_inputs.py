"""Every artefact of the configuration with inputs of other kinds or numbers: one error before the first job."""

import copy

import pytest
from config_copy import ROOT
from rework.catalogue.artefact_inputs import Inputs, check_inputs
from rework.catalogue.artefacts import load_artefacts
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.declarations import task_of
from rework.catalogue.loading import load_yaml
from rework.errors import ConfigError
from rework.needed_inputs import Counted, Needs

CATALOGUE = load_catalogue(ROOT, {"without": []})
ARTEFACTS = [name for name in CATALOGUE.artefact_ids() if CATALOGUE.artefact("full", name).not_run is None]
TABLES = {name: load_yaml(ROOT / owner.shown, owner.shown) for name, owner in CATALOGUE.writeups.items()}


def kind(run):
    task = task_of(run)
    return run["model"]["name"], "" if task is None else task[0], run["data"]["dataset"], run.get("loss", "")


KINDS = {kind(run): run for owner in CATALOGUE.writeups.values() for run in owner.runs.values()}
# Functions that show what runs of many kinds have in common, and why that is right.
OF_MANY_KINDS = {
    "accuracy_table": "any run has metrics; those that it lacks are refused",
    "claims": "likewise",
    "generalisation_gap": "likewise",
    "batched_words": "likewise",
    "precision": "any network has a test accuracy and a number format",
    "learning_curve": "any run over epochs has columns; those that it lacks are refused",
    "learning_curves": "likewise",
    "split_curves": "likewise",
    "validation_curve": "likewise, on the letters",
    "bleu_curve": "any decoder of captions",
    "probe_curves": "any run with probes",
    "accuracy_panels": "likewise",
    "kernels": "names of tensors are known only once there are weights; see named_things",
    "weight_histograms": "likewise",
    "confusion_table": "any classifier",
    "confusion_matrix": "any classifier",
    "confusable_letters": "any classifier",
    "early_stopping": "any classifier, if the last run keeps its best epoch",
    "torchscript": "any classifier of pictures",
    "cpp_inference": "any classifier of pictures",
}


def refusal(artefact, runs=None, **inputs):
    """Return why an artefact is refused with other runs or other inputs, or None if it is not."""
    writeup, name = artefact.split("/")
    owner = CATALOGUE.writeups[writeup]
    entry = copy.deepcopy(TABLES[writeup]["artefacts"][name])
    entry.pop("run_labels", None)
    entry["published"] = ""  # its values are those of its runs
    tables = dict(owner.runs if runs is None else runs)
    if runs is not None:
        entry["runs"] = list(runs)
    entry |= inputs
    table = {**TABLES[writeup], "artefacts": {name: entry}}
    if entry["kind"] == "claims":
        table["claims"] = [{"id": "one", "text": "a claim", "not_run": "reason"}]
        table["reasons"] = {"reason": "a reason"}
    else:
        table["claims"] = []
    try:
        load_artefacts(table, owner.shown, tables, tables, owner.models, CATALOGUE.datasets)
    except ConfigError as error:
        return str(error)
    return None


def runs_of(kinds):
    """Return a run of each of some kinds, all with names and labels of their own."""
    return {f"other-{place}": {**KINDS[one], "label": str(place)} for place, one in enumerate(kinds)}


def wrong_numbers(settings, own):
    """Yield other numbers of runs, models, data sets and weights than an artefact has."""
    owner = CATALOGUE.writeups[settings.writeup]
    if own:
        yield {"runs": {}}
    yield {"runs": {**own, **runs_of(list(KINDS))}}  # some are of a kind that it cannot show
    for key, known in (("models", list(owner.models)), ("weights", ["vgg-19", "resnet-18"])):
        if given := list(getattr(settings, key)):
            yield {key: []}
        if more := [name for name in known if name not in given]:
            yield {key: [*given, *more]}
    yield {"datasets": ["style-pictures", *settings.datasets, "admissions", "recall"]}
    if not own and settings.datasets:
        yield {"datasets": []}


def mistakes(settings):
    """Yield inputs of other kinds or numbers than an artefact has, and whether they must be refused."""
    table = CATALOGUE.writeups[settings.writeup].runs
    own = {run.run: table[run.run] for run in settings.runs}
    many = settings.function.rpartition(".")[2] in OF_MANY_KINDS
    for wrong in wrong_numbers(settings, own):
        yield wrong, not many
    if own:
        known = set(map(kind, own.values()))
        for other in KINDS:
            if other not in known:
                yield {"runs": runs_of([other] * len(own))}, not many


@pytest.mark.parametrize("writeup", TABLES)
def test_other_inputs_than_an_artefact_is_made_from_are_one_clear_error(writeup):
    tried, unclear = 0, []
    for artefact in (name for name in ARTEFACTS if name.startswith(f"{writeup}/")):
        settings = CATALOGUE.artefact("full", artefact)
        assert refusal(artefact) is None
        start = f"config/writeups/{writeup}.yaml: key artefacts.{settings.name}."
        for wrong, certain in mistakes(settings):
            said = refusal(artefact, **wrong)
            tried += 1
            if said is None and not certain:
                continue
            if said is None or not said.startswith(start) or "\n" in said or len(said) > 1_500:
                unclear.append((artefact, list(wrong), said))
    assert tried >= 100
    assert unclear == []


def test_every_function_of_many_kinds_is_used_and_takes_them():
    found = {CATALOGUE.artefact("full", name).function.rpartition(".")[2] for name in ARTEFACTS}
    assert found >= OF_MANY_KINDS.keys()


def asked(**declared):
    """Return what is said when the runs of some kinds are given to a function that needs something."""
    options = declared.pop("options", {})
    runs = declared.pop("given")
    inputs = Inputs(runs, {}, (), (), CATALOGUE.datasets)
    with pytest.raises(ConfigError) as caught:
        check_inputs(Needs.of(**declared), options, inputs, "'shown'", "a.yaml: key artefacts.x")
    return str(caught.value)


def test_a_message_says_which_run_and_what_is_needed():
    one = {"mlp": next(run for run in KINDS.values() if run["model"]["name"] == "feedforward")}
    assert asked(given=one) == "a.yaml: key artefacts.x.runs: 'shown' reads none; remove the key"
    assert asked(given=one, runs=2).endswith(".runs: found 1, and 'shown' is made from 2; list as many")
    assert asked(given=one, runs=(2, ...)).endswith("made from 2 or more; list as many")
    assert asked(given={**one, "b": one["mlp"]}, runs=(0, 1)).endswith("made from 0 to 1; list as many")
    assert asked(given=one, runs=1, trained=("recall", "words")).endswith(
        "run 'mlp' is trained by 'classification', and 'shown' needs 'recall' or 'words'; name another run"
    )
    assert "run 'mlp' has no key task.alpha, which 'shown' needs" in asked(given=one, runs=1, keys="task.alpha")
    assert "has model.activation: 'relu', and 'shown' needs 'tanh'" in asked(
        given=one, runs=1, values={"model.activation": "tanh"}
    )
    assert "found model.activation: relu; 'shown' expects sigmoid, in this order" in asked(
        given=one, runs=1, order={"model.activation": ("sigmoid",)}
    )
    assert "options.groups: expected each run of the artefact once: mlp" in asked(
        given=one, runs=1, divided="groups", options={"groups": [["mlp", "mlp"]]}
    )
    assert "run 'cnn-2' is missing" in asked(given=one, runs=1, named="cnn-2")
    unmeasured = {"mlp": {key: value for key, value in one["mlp"].items() if key != "probe"}}
    assert asked(given=unmeasured, runs=1, history="test_accuracy").startswith(
        "a.yaml: key artefacts.x.runs: run 'mlp': unknown column of the history 'test_accuracy'"
    )
    assert asked(given=one, runs=1, metrics="{shown}", options={"shown": ["tset_loss"]}).startswith(
        "a.yaml: key artefacts.x.options.shown: run 'mlp': unknown metric 'tset_loss'"
    )


def test_every_model_of_a_parameter_table_needs_a_prefix():
    assert refusal("mnist-cifar/mnist-parameters", models=["mnist", "cifar"]) == (
        "config/writeups/mnist-cifar.yaml: key artefacts.mnist-parameters.options.prefixes: found 1, expected one for "
        "each of the models, which are 2"
    )


def test_a_declaration_has_one_form_for_one_name_and_for_several():
    assert Needs.of(trained="words", runs=1) == Needs.of(trained=("words",), runs=(1, 1))
    assert Counted.of((1, ...)) == Counted(1, None)
    assert [Counted(0, 0).holds(0), Counted(1, None).holds(10**6), Counted(1, 4).holds(5)] == [True, True, False]
