"""Declarations of tasks and engines, read without importing them."""

import pytest
from rework.catalogue import declarations
from rework.catalogue.declarations import Metric, declaration, task_names
from rework.errors import ConfigError

MODULE = '''
"""A task."""

from collections.abc import Mapping

import a_package_that_is_not_installed
from rework.evaluation.labelling import LABEL_HISTORY, WORD_METRICS

LAYOUTS: tuple[str, ...] = ("examples",)
NEEDS: tuple[str, ...] = ("optimiser", *("loss",))
OPTIONS: tuple[str, ...] = ()
LOSSES: tuple[str, ...] = ("hinge",)
_OWN: Mapping[str, tuple[str, str]] = {"bleu": ("", "higher")}
METRICS: Mapping[str, tuple[str, str]] = {**_OWN, "loss": ("nats", "lower")}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {"words": WORD_METRICS}
HISTORY: tuple[str, ...] = LABEL_HISTORY
PROBES: tuple[str, ...] = ()
ITEM: str = "text"
HEADLINE: str = "bleu"
'''
RUN = {"model": {"name": "feedforward"}, "task": "reading"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(declarations, "TASKS", tmp_path)
    (tmp_path / "task.py").write_text("class Task: ...\n")
    (tmp_path / "reading.py").write_text(MODULE)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_constants_may_be_put_together_of_imported_ones():
    assert task_names() == ["reading"]
    found = declaration(RUN)
    assert found.needs == ("optimiser", "loss")
    assert found.metrics == {"bleu": Metric("", "higher"), "loss": Metric("nats", "lower")}
    assert set(found.measured("words")) == {
        *("bleu", "loss"),
        *("train_word_accuracy", "validation_word_accuracy", "test_word_accuracy"),
    }
    assert found.history[0] == "train_loss"


def test_a_missing_constant_is_named(folder, monkeypatch):
    monkeypatch.setattr(declarations, "_WORKFLOW", folder)
    imported = {"LABEL_HISTORY": "()", "WORD_METRICS": "{}"}
    own = "".join(f"{name}: object = {value}\n" for name, value in imported.items())
    (folder / "writing.py").write_text(own + MODULE.replace("ITEM: str", "THING: str"))
    with pytest.raises(ConfigError, match=r"workflow/writing\.py: no constant ITEM"):
        declaration({**RUN, "task": "writing"})


@pytest.mark.usefixtures("folder")
def test_a_module_without_metrics_is_no_task():
    with pytest.raises(ConfigError, match=r"^here\.task: unknown task 'task'; expected one of reading"):
        declaration({**RUN, "task": "task"}, "here")


def test_a_task_may_have_parameters():
    assert declarations.task_of({**RUN, "task": {"name": "reading", "length": 3}}) == ("reading", {"length": 3})
    assert declarations.task_of({"model": {"name": "feedforward"}}) == ("classification", {})
    assert declarations.task_of({"model": {"name": "numpy-classifier"}}) is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('("hinge",)', '("hinge")', "LOSSES: found 'hinge', expected a tuple of texts"),
        ('("hinge",)', '["hinge"]', r"LOSSES: found \['hinge'\], expected a tuple of texts"),
        ('("hinge",)', 'tuple("hinge")', r"line 12: found tuple\('hinge'\), expected literals"),
        ('("", "higher")', '("", "hihger")', "METRICS: bleu: found .*, expected a unit and higher, lower or neither"),
        ('("", "higher")', '"higher"', "METRICS: bleu: found 'higher', expected a unit"),
        ('HEADLINE: str = "bleu"', 'HEADLINE: str = "blue"', "HEADLINE: unknown metric 'blue'.*did you mean 'bleu'"),
        ('("examples",)', '("exmples",)', "LAYOUTS: unknown entry 'exmples'.*did you mean 'examples'"),
        ('("loss",)', '("los",)', "NEEDS: unknown entry 'los'.*did you mean 'loss'"),
        ('("hinge",)', '("hinge",', r"reading\.py, line \d+: not valid Python"),
    ],
)
def test_a_wrong_constant_is_explained(folder, old, new, message):
    assert old in MODULE
    (folder / "reading.py").write_text(MODULE.replace(old, new))
    with pytest.raises(ConfigError, match=message):
        declaration(RUN)


def test_constants_need_no_annotation(folder):
    (folder / "reading.py").write_text(MODULE.replace('ITEM: str = "text"', 'ITEM = "text"'))
    assert declaration(RUN).item == "text"


def test_an_unknown_task_is_told_from_one_that_declares_too_little(folder):
    (folder / "begun.py").write_text('LAYOUTS = ("examples",)\n')
    with pytest.raises(ConfigError, match=r"begun\.py: no constant NEEDS"):
        declaration({**RUN, "task": "begun"})
    with pytest.raises(ConfigError, match=r"unknown task 'readign'.*did you mean 'reading'"):
        declaration({**RUN, "task": "readign"})
