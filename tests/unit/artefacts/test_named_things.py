"""What options name and only data or weights know: one line with file and key where it is not there."""

from types import SimpleNamespace

import numpy as np
import pytest
from config_copy import ROOT
from rework.artefacts.named_things import class_number, example_number, tensor
from rework.catalogue.catalogue import load_catalogue
from rework.errors import ConfigError

CATALOGUE = load_catalogue(ROOT, {"without": []})
TENSORS = {"conv1.weight": np.zeros((2, 1, 3, 3)), "conv1.bias": np.zeros(2), "fc.weight": np.zeros((4, 2))}
KEY = "config/writeups/course-notes.yaml: key artefacts.char-lm.options."


def context(weights=TENSORS, classes=()):
    settings = CATALOGUE.artefact("full", "course-notes/char-lm")
    return SimpleNamespace(
        settings=settings,
        run=lambda name: next(run for run in settings.runs if run.run == name),
        weights=lambda _run, _seed: weights,
        dataset=lambda _name: SimpleNamespace(classes=classes),
    )


def refusal(function, *arguments, **named):
    with pytest.raises(ConfigError) as caught:
        function(*arguments, **named)
    said = str(caught.value)
    assert said.startswith(KEY)
    assert "\n" not in said
    return said.removeprefix(KEY)


def test_a_class():
    assert class_number(context(), "letter", ("a", "b"), "b") == 1
    said = refusal(class_number, context(), "letter", ("cat", "dog"), "dgo")
    assert said == "letter: unknown class 'dgo'; expected one of cat, dog; did you mean 'dog'?"


def test_an_example():
    assert example_number(context(), "image", 10, 9) == 9
    assert refusal(example_number, context(), "image", 10, 10).startswith("image: found 10, expected a number up to 9")


def test_a_tensor():
    assert tensor(context(), "tensor", "char-lstm-small", "conv1.bias").shape == (2,)
    assert tensor(context(), "tensor", "char-lstm-small", "conv1.weight", dimensions=4).shape == (2, 1, 3, 3)
    said = refusal(tensor, context(), "tensor", "char-lstm-small", "conv1.wieght")
    assert said == (
        "tensor: run 'char-lstm-small' has no tensor 'conv1.wieght'; it has conv1.bias, conv1.weight, fc.weight; did "
        "you mean 'conv1.weight'?"
    )
    said = refusal(tensor, context(), "tensor", "char-lstm-small", "fc.weight", dimensions=4)
    assert said.startswith(
        "tensor: run 'char-lstm-small' has no tensor with 4 dimensions 'fc.weight'; it has conv1.weight"
    )
    many = {f"layer{number:03}": np.zeros(1) for number in range(500)}
    assert refusal(tensor, context(many), "tensor", "char-lstm-small", "conv").endswith("layer029 and 470 more")


def test_characters_that_the_text_lacks():
    from rework.artefacts.course_notes.char_lm import char_lm

    here = context(classes=("A", "a", "n"))
    said = refusal(char_lm, here, start="Anna §\N{GREEK SMALL LETTER ALPHA}", length=5, top=2, temperatures=(1.0,))
    assert said == "start: ' ', '§', 'α': the text of anna-karenina has no such character; it has 'Aan'"
