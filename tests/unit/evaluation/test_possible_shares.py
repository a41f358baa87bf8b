"""Shares that can, and cannot, be a whole number of so many examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.possible_shares import possible_count


@pytest.mark.parametrize(
    ("share", "divisor", "count"),
    [
        (0.8844, 1600, 1415),  # what the scenes' accuracy is
        (0.8844, 400, None),  # ... and what it cannot be
        (0.99265, 10_000, None),
        (0.9926, 10_000, 9926),
        (0.9012, 5142, 4634),
        (0.7577, 3600, 2728),  # cut off, not rounded
        (0.94, 704, 661),
        (0.5, 5, None),  # 3 of 5 would have read 0.6
        (1.0, 7, 7),
        (0.0, 7, 0),
    ],
)
def test_by_hand(share, divisor, count):
    found = possible_count(share, divisor)
    assert found == count or (found is not None and count is not None and abs(found / divisor - share) < 0.01)
    assert (found is None) == (count is None)


@given(st.integers(1, 20_000), st.data(), st.integers(2, 6))
def test_a_share_of_a_count_is_possible_however_it_is_rounded(divisor, data, decimals):
    count = data.draw(st.integers(0, divisor))
    assert possible_count(round(count / divisor, decimals), divisor) is not None


@given(st.integers(1, 20_000), st.integers(0, 10_000))
def test_what_is_found_reads_as_published(divisor, tenthousandths):
    share = tenthousandths / 10_000
    found = possible_count(share, divisor)
    nearest = min(abs(count / divisor - share) for count in range(int(share * divisor), int(share * divisor) + 2))
    if found is None:
        assert nearest > 0.5e-4 - 1e-12
    else:
        assert abs(found / divisor - share) < 10 ** -len(repr(share).split(".")[1]) + 1e-12
