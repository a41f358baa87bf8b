"""Fonts made from those of the Node packages do not depend on when and where they were made."""

import pytest
from fontTools.misc import timeTools
from fontTools.ttLib import TTFont
from rework.drawing import fonts


@pytest.fixture
def made_at(tmp_path, monkeypatch):
    """Return a function that makes a font at some time in a folder of its own, and returns its bytes."""

    def make(function, seconds):
        monkeypatch.setattr(fonts, "CONVERTED", tmp_path / str(seconds))
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        assert timeTools.timestampNow() == timeTools.epoch_diff * -1 + seconds, "the library's clock is set"
        return function().read_bytes()

    return make


@pytest.mark.parametrize(
    "function", [lambda: fonts.true_type_file("inter", 400), fonts.symbol_file], ids=["converted", "cut down"]
)
def test_a_font_is_the_same_whenever_it_is_made(made_at, function):
    assert made_at(function, 10**9) == made_at(function, 2 * 10**9)


def test_a_converted_font_has_the_glyphs_of_its_source(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "CONVERTED", tmp_path)
    source, converted = TTFont(fonts.woff2_file("inter", 400)), TTFont(fonts.true_type_file("inter", 400))
    assert converted.getGlyphOrder() == source.getGlyphOrder()
    assert converted.flavor is None
