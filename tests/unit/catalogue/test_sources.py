"""Sources of settings: by setting, and of the group that a setting belongs to."""

import pytest
from rework.catalogue.sources import by_setting, check_sources, source_of
from rework.errors import ConfigError


@pytest.mark.parametrize(
    ("setting", "source"),
    [
        ("optimiser.name", "course"),
        ("optimiser.momentum", "assumed"),
        ("optimiser", "assumed"),
        ("batch_size", "writeup"),
        ("model.hidden", "code"),
        ("model", "writeup"),
        ("seeds", "assumed"),
        ("precision", "assumed"),
    ],
)
def test_the_nearest_group_decides(setting, source):
    sources = by_setting({"assumed": ["optimiser"], "course": ["optimiser.name"], "code": ["model.hidden"]})
    assert source_of(setting, sources) == source


def test_a_setting_has_one_source():
    with pytest.raises(ConfigError, match=r"w.yaml: key runs.a.sources.code\[1\]: 'b' is already under course"):
        check_sources({"sources": {"course": ["b"], "code": ["a", "b"]}}, "setting", {"a", "b"}, "w.yaml: key runs.a")
