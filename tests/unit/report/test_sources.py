"""The settings of runs with their sources, as the report shows them."""

from types import SimpleNamespace

from rework.report.sources import SettingRow, setting_rows, setting_values, told_sources


def settings(**more):
    return {
        "model": {"name": "net", "parameters": {"hidden": [64, 32], "bias": True}},
        "data": {"dataset": "tiny", "normalise": "unit", "augment": {"flip": 0.5, "rotate": 0.0}},
        "optimiser": {"name": "sgd", "learning_rate": 0.01, "schedule": "constant", "options": {"momentum": 0.9}},
        "loss": "nll",
        "batch_size": 8,
        "epochs": 15,
        "max_steps": None,
        "l2": {"strength": 0.0, "biases": False},
        "initial": None,
        **more,
    }


def catalogue(sources, tried=()):
    return SimpleNamespace(
        sources=lambda _writeup, run: sources.get(run, {}),
        tried=lambda _writeup, run: dict(tried) if run == "one" else {},
        seeds=lambda *_: (0, 1),
        dataset=lambda _edition, _name: SimpleNamespace(options={"validation": 5000}),
    )


def records(**runs):
    return [SimpleNamespace(id=f"writeup/{name}", settings=found) for name, found in runs.items()]


def test_every_setting_that_matters_has_a_value_and_what_is_off_has_none():
    assert setting_values(settings()) == {
        "model": "net",
        "model.hidden": "64 × 32",
        "model.bias": "yes",
        "data.normalise": "unit",
        "data.augment.flip": "0.5",
        "optimiser.name": "sgd",
        "optimiser.learning_rate": "0.01",
        "optimiser.schedule": "constant",
        "optimiser.momentum": "0.9",
        "optimiser.weight_decay": "0",
        "loss": "nll",
        "batch_size": "8",
        "epochs": "15",
    }
    plain = settings(optimiser={"name": "sgd", "learning_rate": 0.01, "schedule": "constant", "options": {}})
    assert setting_values(plain)["optimiser.momentum"] == "0", "a default is a value, too"
    assert setting_values(settings(l2={"strength": 0.001, "biases": False}))["l2.strength"] == "0.001"


def test_equal_settings_of_several_runs_stand_once():
    found = setting_rows(
        catalogue({"one": {"optimiser": "assumed", "batch_size": "course", "tiny: validation": "code"}}),
        "full",
        records(one=settings(), two=settings(batch_size=16)),
    )
    rows = {(row.setting, row.runs): (row.value, row.source) for row in found}
    assert rows["epochs", ("one", "two")] == ("15", "writeup")
    assert rows["batch_size", ("one",)] == ("8", "course")
    assert rows["batch_size", ("two",)] == ("16", "writeup")
    # Those of one group have its source; the other run has the same value from the writeup.
    assert rows["optimiser.momentum", ("one",)] == ("0.9", "assumed")
    assert rows["optimiser.momentum", ("two",)] == ("0.9", "writeup")
    assert rows["tiny: validation", ("one",)] == ("5000", "code")
    assert rows["seeds", ("one", "two")] == ("0, 1", "writeup")
    assert [row.setting for row in found] == sorted(
        (row.setting for row in found), key=[row.setting for row in found].index
    )


def test_what_was_tried_stands_at_the_first_setting_of_its_group():
    found = setting_rows(catalogue({}, {"optimiser": "Adam was worse."}), "full", records(one=settings()))
    assert [(row.setting, row.tried) for row in found if row.tried] == [("optimiser.name", "Adam was worse.")]


def test_an_artefact_tells_what_its_runs_took_from_elsewhere_with_values():
    rows = [
        SettingRow("epochs", "15", "writeup", ("one", "two"), ""),
        SettingRow("batch_size", "8", "course", ("one",), ""),
        SettingRow("optimiser.momentum", "0", "assumed", ("one", "two"), ""),
        SettingRow("optimiser.momentum", "0.9", "assumed", ("three",), ""),
    ]
    assert told_sources(rows, ["one"]) == {"course": "batch_size 8", "assumed": "optimiser.momentum 0"}
    assert told_sources(rows, ["two", "three"]) == {"assumed": "optimiser.momentum 0 or 0.9"}
    assert told_sources(rows, []) == {}
