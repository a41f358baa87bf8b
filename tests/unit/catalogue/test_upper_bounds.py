"""No number in the configuration is without bounds: an absurd one is refused with the limit."""

import re

import pytest
from config_copy import ROOT, change, copy_config, refusal
from rework.catalogue.artefact_functions import artefact_function
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.datasets import dataset_options
from rework.catalogue.declarations import task_names, task_parameters
from rework.catalogue.hints import in_words
from rework.catalogue.loading import load_yaml
from rework.catalogue.signatures import build_parameters, families
from rework.catalogue.validation import SCHEMAS

CATALOGUE = load_catalogue(ROOT, {"without": []})
# Numbers of a schema that nothing computes with, so that any will do.
ONLY_SHOWN = {"year", "bytes", "tolerance"}
A_NUMBER = re.compile(r"a (?:whole )?number(?! (?:from|above) -?[\d. ]+? (?:to|and below) [\d. ]+)")


def signatures():
    """Yield the owner and the parameters of everything that takes numbers from the configuration."""
    for name in CATALOGUE.dataset_names():
        yield f"data set {name}", dataset_options(name)
    for name in families():
        yield f"model {name}", build_parameters(name)
    for name in task_names():
        yield f"task {name}", task_parameters(name)
    for name in CATALOGUE.artefact_ids():
        settings = CATALOGUE.artefact("full", name)
        if settings.not_run is None:
            function = settings.function.rpartition(".")[2]
            yield settings.function, artefact_function(settings.writeup, settings.name, function, "here").options


def test_every_numeric_option_has_an_upper_bound():
    found = [(owner, name, in_words(one.annotation)) for owner, known in signatures() for name, one in known.items()]
    assert sum("number" in words for _, _, words in found) > 150
    assert [entry for entry in found if A_NUMBER.search(entry[2])] == []


@pytest.mark.parametrize("hint", ["int", "float", "Annotated[int, Range(least=1)]", "tuple[int, ...] | None"])
def test_a_number_without_one_is_found(hint):
    assert A_NUMBER.search(in_words(hint))


def numbers(rules, path=()):
    """Yield the path of every number in a schema, with its rules."""
    if isinstance(rules, dict):
        kinds = rules.get("type")
        if {"integer", "number"} & set([kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []):
            yield path, rules
        for key, inner in rules.items():
            yield from numbers(inner, (*path, key))
    elif isinstance(rules, list):
        for place, inner in enumerate(rules):
            yield from numbers(inner, (*path, place))


@pytest.mark.parametrize("schema", sorted(path.name for path in SCHEMAS.glob("*.yaml")))
def test_every_number_of_a_schema_has_an_upper_bound_or_a_reason_for_none(schema):
    for path, rules in numbers(load_yaml(SCHEMAS / schema, schema)):
        if path[-1] in ONLY_SHOWN or path[-2:] == ("values", "additionalProperties"):  # published values
            continue
        assert {"maximum", "exclusiveMaximum"} & rules.keys(), (schema, path)


def test_absurd_numbers_are_refused_with_the_limit(tmp_path):
    root = copy_config(tmp_path)
    for file, old, new, said in (
        ("config/assets.yaml", "length: 40", "length: 1000000000000", "length: found 1000000000000, expected a whole"),
        ("config/writeups/ocr.yaml", "pairs: 10", "pairs: 1000000000000", "a whole number from 1 to 1000"),
        ("config/writeups/ocr.yaml", "epochs: 20", "epochs: 1000000000000", "expected at most 1000000"),
    ):
        before = (root / file).read_text(encoding="utf-8")
        change(root, file, old, new)
        assert said in refusal(root)
        (root / file).write_text(before, encoding="utf-8")
