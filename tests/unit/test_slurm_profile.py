"""The profile for SLURM names what exists; whether SLURM understands it, tests/cluster asks SLURM."""

import re

import pytest
import yaml
from workflow_copy import REPOSITORY

RULES = REPOSITORY / "workflow" / "rules"
PROFILE = REPOSITORY / "workflow" / "profiles" / "slurm" / "config.yaml"


@pytest.fixture(scope="module")
def rules():
    """The text of all rules."""
    return "".join(file.read_text() for file in (REPOSITORY / "Snakefile", *RULES.glob("*.smk")))


def rule_names(rules):
    return set(re.findall(r"^rule (\w+):", rules, re.M)) | set(re.findall(r"^use rule \w+ as (\w+) with:", rules, re.M))


def local_rules(rules):
    return set(re.findall(r"\w+", re.search(r"^localrules:\n((?: +\w+,\n)+)", rules, re.M)[1]))


def test_rules_that_get_resources_or_stay_local_exist(rules):
    """Snakemake ignores resources of a rule that does not exist, and only warns of a local one."""
    shown = re.search(r"^# (set-resources:\n(?:#   .*\n)+)", PROFILE.read_text(), re.M)[1]
    example = set(yaml.safe_load(shown.replace("\n# ", "\n"))["set-resources"])
    assert example | local_rules(rules) <= rule_names(rules)
    assert not example & local_rules(rules)


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
