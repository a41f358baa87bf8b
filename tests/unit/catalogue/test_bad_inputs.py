"""Every place of the configuration, with values that cannot be meant there: each is refused in one clear line.

The inputs are made from the project's own files: one place of each kind in each file, so that a new key is tried too.
What the other tests of this folder try besides (files that are none, inputs of artefacts, targets, JSON arguments) is
not counted here.
"""

import copy
from collections import Counter

import pytest
import yaml
from config_copy import ROOT, copy_config
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.loading import load_yaml
from rework.errors import ConfigError

FILES = [
    f"config/{path.relative_to(ROOT / 'config')}"
    for path in sorted((ROOT / "config").rglob("*.yaml"))
    if path.name != "sample.yaml"  # it has no keys that config.yaml lacks
]
# Below these keys, names are the writer's own, so that any place shows the kind.
OWN_NAMES = {"runs", "models", "artefacts", "sweeps", "assets", "datasets", "values", "labels", "run_labels", "tried"}
# Whose values may be null, in that file.
TEXTS = {"published"}  # a text or a mapping
NULLS = {"writeup", "sha256", "bytes", "sha256_start", "options", "right", "protocol", "activation", "max_steps"}
# Numbers that nothing computes with, so that any will do: the year of a publication, the size of a file, and what is
# compared with a measured value in the end.
ONLY_SHOWN = {"year", "bytes", "tolerance", "margin"}
ABSURD = 10**12


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REWORK_DATA", raising=False)
    return copy_config(tmp_path)


def kinds(value, path=(), kind=()):
    """Yield the path of every value in a tree, and its kind: the path with stars for the writer's own names."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        own = isinstance(key, int) or (path and path[-1] in OWN_NAMES)
        here = (*kind, "*" if own else key)
        yield (*path, key), here
        yield from kinds(entry, (*path, key), here)


def places():
    """Return a file and a path for each kind; writeups have theirs in common."""
    found = {}
    for file in FILES:
        for path, kind in kinds(load_yaml(ROOT / file, file)):
            found.setdefault(("a writeup" if "/writeups/" in file else file, kind), (file, path))
    return list(found.values())


def wrong_values(value, key):
    """Return values of other types than one that is right, and some of the same type that cannot be meant."""
    nothing = [] if key in NULLS else [None]
    if isinstance(value, bool):
        return ["maybe", 2, *nothing]
    if isinstance(value, int | float):
        return ["word", -(10**12), 1e300, [], *nothing]
    if isinstance(value, str):
        return ["\0", {}, *nothing]
    if isinstance(value, list):
        return [{"no_such_key": 1}, [[[]]], *nothing]
    return [{"no such key": 1}, *([] if key in TEXTS else ["word"]), *nothing]


def at(tree, path):
    for step in path:
        tree = tree[step]
    return tree


def changed_copy(tree, path, bad):
    changed = copy.deepcopy(tree)
    at(changed, path[:-1])[path[-1]] = bad
    return changed


def mistakes(file, tree):
    """Yield the path of each place of a file, and a value that cannot be meant there."""
    for number, path in enumerate(path for owner, path in places() if owner == file):
        value = at(tree, path)
        values = wrong_values(value, path[-1])
        yield path, values[number % len(values)]  # each in turn, because all of them at each place take minutes
        number_to_compute_with = not {"values", *ONLY_SHOWN} & {*path[-2:]} and not isinstance(value, bool)
        if isinstance(value, int | float) and number_to_compute_with:
            yield path, ABSURD


def outcome(root, file, tree):
    """Return what becomes of a file: refused in one ``clear`` line or not, a ``traceback``, or ``accepted``."""
    (root / file).write_text(yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))
    try:
        load_catalogue(root)
    except ConfigError as error:
        said = str(error)
        clear = "\n" not in said and said.startswith("config/") and len(said) <= 1_500
        return "clear" if clear else "unclear", said
    except Exception as error:
        return "traceback", repr(error)
    return "accepted", ""


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_what_cannot_be_meant_is_refused_in_one_line(root, file):
    tree = load_yaml(root / file, file)
    for other in (root / "config/writeups").iterdir():  # they do not look at each other
        if file.startswith("config/writeups") and other != root / file:
            other.unlink()
    counts, wrong = Counter(), []
    for path, bad in mistakes(file, tree):
        found, said = outcome(root, file, changed_copy(tree, path, bad))
        counts[found] += 1
        if found != "clear":
            wrong.append((found, path, bad, said))
    share = counts["clear"] / counts.total()
    assert wrong == [], f"{counts['clear']} of {counts.total()} bad inputs get one clear line, {share:.1%}"


def test_there_are_enough_of_them():
    assert len(places()) >= 400
