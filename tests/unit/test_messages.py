"""Phrases of messages; the common cases are examples in their docstrings."""

from rework import messages


def test_a_far_name_gets_no_question():
    assert messages.unknown_name("run", "zzz", []) == "unknown run 'zzz'; expected one of none (none is declared)"
    assert messages.nearest("zzz", ["cnn"]) == ""


def test_long_values_are_cut():
    assert messages.short_text("x" * 100) == "'" + "x" * 76 + "..."
    assert messages.short_text([1]) == "[1]"
