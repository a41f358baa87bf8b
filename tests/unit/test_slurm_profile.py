"""The profile for SLURM names what exists; whether SLURM understands it, tests/cluster asks SLURM."""

import re

import pytest
import yaml
from rework.datasets.layouts import LAYOUTS
from workflow_copy import REPOSITORY

RULES = REPOSITORY / "workflow" / "rules"
PROFILE = REPOSITORY / "workflow" / "profiles" / "slurm" / "config.yaml"


@pytest.fixture(scope="module")
def rules():
    """The text of all rules."""
    return "".join(file.read_text() for file in (REPOSITORY / "Snakefile", *RULES.glob("*.smk")))


def rule_texts(rules):
    """Return the text of every rule by its name; one of each layout is made in a loop."""
    parts = re.split(
        r"^(?:rule (\w+):|use rule \w+ as (\w+) with:|    rule:\n +name:\n +f\"preprocess_)", rules, flags=re.M
    )
    named = {first or second or "preprocess": text for first, second, text in zip(*[iter(parts[1:])] * 3, strict=True)}
    looped = named.pop("preprocess")
    return named | {f"preprocess_{layout}": looped for layout in LAYOUTS}


def test_rules_that_get_resources_or_stay_local_exist(rules):
    """Snakemake ignores resources of a rule that does not exist or is local."""
    shown = re.search(r"^# (set-resources:\n(?:#   .*\n)+)", PROFILE.read_text(), re.M)[1]
    example = set(yaml.safe_load(shown.replace("\n# ", "\n"))["set-resources"])
    texts = rule_texts(rules)
    local = {name for name, text in texts.items() if "localrule: True" in text}
    assert {"fetch", "make_table", "build_page"} <= local
    assert example <= texts.keys() - local


def test_the_lock_file_of_the_plugin_adds_packages_and_changes_none():
    def packages(name):
        return set(re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / name).read_text(), re.M))

    added = packages("requirements-slurm.txt")
    assert "snakemake-executor-plugin-slurm" in added
    assert not added & packages("requirements.txt")


def test_what_the_profile_says_of_the_plugin_is_of_the_locked_version():
    """It leaves out what that version does wrong: with another one, look again and change the comment."""
    locked = re.search(
        r"^snakemake-executor-plugin-slurm==(\S+)", (REPOSITORY / "requirements-slurm.txt").read_text(), re.M
    )
    assert f"version {locked[1]} of the plugin" in PROFILE.read_text()
