"""Whether a published share can be what it is said to be: a whole number of so many examples."""

from decimal import Decimal
from math import ceil, floor


def possible_count(share: float, divisor: int) -> int | None:
    """Return a count whose share of ``divisor`` reads as published, or None if no count does.

    Args:
        share: the published share from 0 to 1, with as many decimals as were published; rounded or cut off.
        divisor: the number of examples.

    >>> possible_count(0.8844, 1600), possible_count(0.8844, 400), possible_count(0.99265, 10_000)
    (1415, None, None)
    """
    published = Decimal(repr(share))
    step = Decimal(1).scaleb(int(published.as_tuple().exponent))
    for count in (floor(published * divisor), ceil(published * divisor), floor((published + step) * divisor)):
        found = Decimal(count) / Decimal(divisor)
        if count <= divisor and (abs(found - published) <= step / 2 or published <= found < published + step):
            return count
    return None
