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


def catalogue(sources, tried=(), sampled=()):
    return SimpleNamespace(
        sources=lambda _writeup, run: sources.get(run, {}),
        sampled=lambda *_: frozenset(sampled),
        tried=lambda _writeup, run: dict(tried) if run == "one" else {},
        dataset=lambda _edition, _name: SimpleNamespace(options={"validation": 5000}),
    )


def records(seeds=(0, 1), **runs):
    return [
        SimpleNamespace(id=f"writeup/{name}", seed=seed, settings=found, provenance={"precision": "fp32"})
        for name, found in runs.items()
        for seed in seeds
    ]


def test_every_setting_that_matters_has_a_value_and_what_is_off_has_none():
    assert setting_values(settings()) == {
        "model": "net",
        "model.hidden": "64 × 32",
        "model.bias": "yes",
        "data.dataset": "tiny",
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
    for clip, shown in (({"value": 5.0, "norm": None}, "value 5"), ({"value": None, "norm": 0.25}, "norm 0.25")):
        clipped = {"name": "sgd", "learning_rate": 0.01, "options": {}, "clip": clip}
        assert setting_values(settings(optimiser=clipped))["optimiser.clip"] == shown
    unclipped = {"name": "sgd", "learning_rate": 0.01, "options": {}, "clip": {"value": None, "norm": None}}
    assert "optimiser.clip" not in setting_values(settings(optimiser=unclipped))
    data = {**settings()["data"], "hold_out": 10000.0, "hold_out_seed": 42}
    assert {"data.hold_out": "10000", "data.hold_out_seed": "42"}.items() <= setting_values(settings(data=data)).items()
    data = {**settings()["data"], "hold_out": 0.2, "hold_out_seed": None}
    assert "data.hold_out_seed" not in setting_values(settings(data=data))
    chosen = setting_values(settings(data=data, keep={"column": "validation_loss", "best": "lowest"}))
    assert (chosen["data.hold_out"], chosen["keep.column"], chosen["keep.best"]) == ("0.2", "validation_loss", "lowest")
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
    # No writeup states these.
    assert rows["seeds", ("one", "two")] == ("0, 1", "assumed")
    assert rows["precision", ("one", "two")] == ("fp32", "assumed")


def test_settings_of_a_group_stand_together_though_only_a_later_run_has_one():
    momentum = {"name": "sgd", "learning_rate": 0.01, "options": {"nesterov": True}}
    found = setting_rows(catalogue({}), "full", records(one=settings(), two=settings(optimiser=momentum)))
    groups = [row.setting.partition(".")[0] for row in found]
    assert groups == sorted(groups, key=groups.index)
    assert "optimiser.nesterov" in [row.setting for row in found]


def test_values_and_seeds_are_those_of_the_records_and_seeds_that_differ_are_seen():
    runs = [*records(seeds=[3], one=settings()), *records(seeds=[7], one=settings(epochs=20))]
    rows = {(row.setting, row.value) for row in setting_rows(catalogue({}), "full", runs)}
    assert {("seeds", "3, 7"), ("epochs", "15"), ("epochs", "20")} <= rows


def test_what_the_sample_edition_changes_is_not_said_to_be_the_writeup_s():
    of = catalogue({"one": {"epochs": "course"}}, sampled={"seeds", "epochs", "probe.every", "tiny: validation"})
    rows = {row.setting: row for row in setting_rows(of, "sample", records(one=settings()))}
    assert {name: rows[name].source for name in ("seeds", "epochs", "tiny: validation", "batch_size")} == {
        "seeds": "sample",
        "epochs": "sample",
        "tiny: validation": "sample",
        "batch_size": "writeup",
    }
    assert "probe.every" not in rows
    assert told_sources(list(rows.values()), ["one"]) == {"sample edition": "epochs 15, tiny: validation 5000"}
    assert all(row.source != "sample" for row in setting_rows(of, "full", records(one=settings())))


def test_a_source_of_what_is_not_listed_of_every_run_lists_it():
    named = {"model.activation": "code", "threads": "assumed", "initial": "code", "probe": "writeup", "model": "code"}
    probe = {"every": 100, "examples": 200}
    found = setting_rows(catalogue({"one": named}), "full", records(one=settings(threads=1, probe=probe)))
    rows = {row.setting: (row.value, row.source) for row in found}
    assert rows["model.activation"] == ("by default", "code")
    assert (rows["threads"], rows["initial"]) == (("1", "assumed"), ("none", "code"))
    assert rows["probe"] == ("every 100, examples 200", "writeup")


def test_who_holds_out_otherwise_does_not_read_how_many_the_data_set_would():
    known = catalogue({"one": {"tiny: validation": "assumed"}, "two": {"tiny: validation": "assumed"}})
    own = settings(data={**settings()["data"], "hold_out": 0})
    rows = setting_rows(known, "full", records(one=settings(), two=own))
    assert [row.runs for row in rows if row.setting == "tiny: validation"] == [("one",)]
    assert [(row.value, row.runs) for row in rows if row.setting == "data.hold_out"] == [("0", ("two",))]


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
    assert told_sources([SettingRow("seeds", "0", "assumed", ("one",), "")], ["one"]) == {}, "the artefact names them"
