"""Claims: statements of a writeup about runs, checked over seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rework.evaluation.statistics import difference_interval, paired_interval
from rework.evaluation.units import DIFFERENCE, SHARE
from rework.settings.artefact import Claim

HOW_CHECKED = (
    "The writeup's conclusions, each checked on the 95 % interval of the difference of two means over seeds (Welch), "
    "or of the mean difference where each seed is a pair. With a single seed on a side a claim is undecided."
)
Result = Literal["holds", "does not hold", "undecided", "not run"]


@dataclass(frozen=True)
class MeasuredRun:
    """A metric of a run over its seeds, and its unit; shares are shown in per cent."""

    label: str
    values: tuple[float, ...]
    unit: str = SHARE


@dataclass(frozen=True)
class CheckedClaim:
    """A claim, its result, and the numbers behind it."""

    claim: Claim
    result: Result
    why: str


def check_claim(claim: Claim, runs: Mapping[str, MeasuredRun]) -> CheckedClaim:
    """Check ``left relation right + margin`` against each run on the right.

    The claim holds if the 95 % interval of the difference lies on the claimed side for every run on the right, does not
    hold if it lies on the other side for any, and is undecided otherwise. With <= or >= the boundary is allowed.
    """
    if claim.not_run is not None:
        return CheckedClaim(claim, "not run", claim.not_run)
    results: list[Result] = []
    reasons: list[str] = []
    for name in claim.right:
        result, reason = _compare(claim, runs[claim.left], runs[name])
        results.append(result)
        reasons.append(reason)
    if "does not hold" in results:
        overall: Result = "does not hold"
    else:
        overall = "undecided" if "undecided" in results else "holds"
    return CheckedClaim(claim, overall, "; ".join(reasons))


def _compare(claim: Claim, left: MeasuredRun, right: MeasuredRun) -> tuple[Result, str]:
    for run in (left, right):
        if not run.values:
            return "undecided", f"{run.label}: too few epochs"
    sides = f"{_shown(left)} against {_shown(right)}"
    try:
        low, high = (paired_interval if claim.paired else difference_interval)(left.values, right.values)
    except ValueError as error:
        return "undecided", f"{sides}: {error}"
    low, high = low - claim.margin, high - claim.margin
    # The other side is strict for every relation: "at most" fails only if the difference is above the boundary.
    reached = claim.relation in (">=", "<=")
    above, below = low > 0, high < 0
    if claim.relation in (">", ">="):
        wanted, other = above or (reached and low == 0), below
    else:
        wanted, other = below or (reached and high == 0), above
    result: Result = "holds" if wanted else "does not hold" if other else "undecided"
    over = f"{len(left.values)} pairs" if claim.paired else f"{len(left.values)} and {len(right.values)} seeds"
    scale, unit = (100, "points") if left.unit in (SHARE, DIFFERENCE) else (1, left.unit)
    margin = f" after the margin of {scale * claim.margin:g} {unit}".rstrip() if claim.margin else ""
    return result, (
        f"{sides}: difference{margin} between {scale * low:+.4g} and {scale * high:+.4g} {unit}".rstrip()
        + f" (95 % over {over})"
    )


def _shown(run: MeasuredRun) -> str:
    mean = sum(run.values) / len(run.values)
    if run.unit in (SHARE, DIFFERENCE):
        return f"{run.label} {100 * mean:.2f} {'%' if run.unit == SHARE else 'points'}"
    return f"{run.label} {mean:.4g} {run.unit}".rstrip()
