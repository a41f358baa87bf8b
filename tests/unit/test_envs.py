"""The conda environments follow the lock file, and hold what the code of their rules imports."""

import ast
import importlib.metadata
import importlib.util
import re
import sys

import pytest
import yaml
from rework.fingerprint import SourceTree
from rework.provenance import LIBRARY_ROOT
from workflow_copy import REPOSITORY

_spec = importlib.util.spec_from_file_location("make_envs", REPOSITORY / "tools" / "make_envs.py")
make_envs = importlib.util.module_from_spec(_spec)
sys.modules["make_envs"] = make_envs
_spec.loader.exec_module(make_envs)

LOCK = (REPOSITORY / "requirements.txt").read_text()

STEPS = {
    "training": ["train", "evaluate", "describe"],
    "plots": ["fetch", "sample", "preprocess", "artefact"],
    "report": ["report", "verify", "publish"],
}
BY_NAME = {  # packages of modules that a step imports by name, when it runs
    "training": ["models"],
    "plots": ["datasets", "samples", "artefacts"],
    "report": [],
}


def pinned(family):
    """Return {package: version} of an environment file."""
    content = yaml.safe_load((REPOSITORY / "envs" / f"{family}.yaml").read_text())
    lines = next(item["pip"] for item in content["dependencies"] if isinstance(item, dict))
    return dict(line.split(";")[0].strip().split("==") for line in lines)


@pytest.mark.parametrize("family", make_envs.FAMILIES)
def test_every_version_is_that_of_the_lock(family):
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", LOCK, flags=re.MULTILINE))
    found = pinned(family)
    assert len(found) > 10
    assert {name: locked.get(name) for name in found} == found


@pytest.mark.parametrize("family", make_envs.FAMILIES)
def test_the_file_is_as_the_tool_writes_it(family):
    written = (REPOSITORY / "envs" / f"{family}.yaml").read_text()
    assert written == make_envs.environment(family, make_envs.read_lock(LOCK))


@pytest.mark.parametrize("family", make_envs.FAMILIES)
def test_every_environment_holds_what_its_rules_import(family):
    tree = SourceTree(LIBRARY_ROOT)
    named = [path for folder in BY_NAME[family] for path in (LIBRARY_ROOT / "rework" / folder).glob("*.py")]
    roots = [f"rework.steps.{step}" for step in STEPS[family]]
    roots += [f"rework.{path.parent.name}.{path.stem}" for path in named if path.stem != "__init__"]
    missing = {
        f"{module} imports {name}"
        for module in tree.closure(*roots)
        for name in third_party(module)
        if not distributions(name) & set(pinned(family))
    }
    assert missing == set()


def third_party(module):
    """Return the top-level names that a module imports from outside the library and the standard library."""
    base = LIBRARY_ROOT.joinpath(*module.split("."))
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"rework"}


def distributions(name):
    """Return the packages that provide a top-level module, in the lock's spelling."""
    return {
        re.sub(r"[-_.]+", "-", found).lower() for found in importlib.metadata.packages_distributions().get(name, [])
    }


def test_every_rule_names_an_environment_that_exists():
    rules = [*(REPOSITORY / "workflow" / "rules").glob("*.smk"), REPOSITORY / "Snakefile"]
    named = {name for path in rules for name in re.findall(r'envs/(\w+)\.yaml"', path.read_text())}
    assert named == set(make_envs.FAMILIES)


LOCK_EXAMPLE = """\
# comment
jinja2==3.1.6 \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via
    #   -r requirements.in
    #   torch
markupsafe==3.0.4 \\
    --hash=sha256:22
    # via jinja2
torch==2.14.0 \\
    --hash=sha256:33
    # via -r requirements.in
triton==3.8.0 ; sys_platform == 'linux' \\
    --hash=sha256:44
    # via torch
tqdm==4.70.1 \\
    --hash=sha256:55
    # via -r requirements.in
"""


def test_a_lock_is_read_with_who_asked_for_what():
    pins = make_envs.read_lock(LOCK_EXAMPLE)
    assert {name: pin.requirement for name, pin in pins.items()} == {
        "jinja2": "jinja2==3.1.6",
        "markupsafe": "markupsafe==3.0.4",
        "torch": "torch==2.14.0",
        "triton": "triton==3.8.0 ; sys_platform == 'linux'",
        "tqdm": "tqdm==4.70.1",
    }
    assert pins["jinja2"].asked_by >= {"torch"}
    assert pins["markupsafe"].asked_by == {"jinja2"}
    assert make_envs.needed(pins, ("torch",)) == ["jinja2", "markupsafe", "torch", "triton"]
    assert make_envs.needed(pins, ("tqdm",)) == ["tqdm"]
