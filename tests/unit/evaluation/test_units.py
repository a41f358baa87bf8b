"""Numbers with their units, as the log shows them."""

import pytest
from rework.evaluation.units import with_unit


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.91, "share", "91.00%"),
        (-0.015, "difference", "-1.50 points"),
        (12.3456, "dB", "12.3456 dB"),
        (3.0, "", "3.0000"),
    ],
)
def test_a_value_is_shown_with_its_unit(value, unit, shown):
    assert with_unit(value, unit) == shown
