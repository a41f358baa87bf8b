"""Claims: statements of a writeup about runs, checked over seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rework.evaluation.statistics import Estimate, difference_interval
from rework.settings.artefact import Claim

HOW_CHECKED = (
    "The writeup's conclusions, each checked on the 95 % interval of the difference: over seeds where both sides have "
    "at least two, otherwise of two proportions of the test set."
)
Result = Literal["holds", "does not hold", "undecided", "not run"]


@dataclass(frozen=True)
class MeasuredRun:
    """A metric of a run over its seeds, and the number of test examples behind it (None: no proportion)."""

    label: str
    estimate: Estimate
    test_size: int | None


@dataclass(frozen=True)
class CheckedClaim:
    """A claim, what became of it, and why, in numbers."""

    claim: Claim
    result: Result
    why: str


def check_claim(claim: Claim, runs: Mapping[str, MeasuredRun]) -> CheckedClaim:
    """Check ``left relation right + margin`` against each run on the right.

    It holds if the 95 % interval of the difference lies on the claimed side for every run on the right, does not hold
    if it lies on the other side for any, and is undecided otherwise. A claim with <= or >= allows the boundary.
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
    try:
        low, high = difference_interval(left.estimate, right.estimate, left.test_size, right.test_size)
    except ValueError as error:
        return "undecided", f"{_shown(left)} against {_shown(right)}: {error}"
    low, high = low - claim.margin, high - claim.margin
    above, below = (low > 0, high < 0) if claim.relation in (">", "<") else (low >= 0, high <= 0)
    wanted, other = (above, below) if claim.relation in (">", ">=") else (below, above)
    # A claim of "at most" fails only if the difference is truly beyond, and the other way round.
    result: Result = "holds" if wanted else "does not hold" if other else "undecided"
    seeds = min(len(left.estimate.values), len(right.estimate.values))
    basis = "seeds" if seeds > 1 else "test sets of one seed"
    margin = f" after the margin of {100 * claim.margin:g} points" if claim.margin else ""
    return result, (
        f"{_shown(left)} against {_shown(right)}: "
        f"difference{margin} between {100 * low:+.2f} and {100 * high:+.2f} points (95 %, over {basis})"
    )


def _shown(run: MeasuredRun) -> str:
    return f"{run.label} {100 * run.estimate.mean:.2f} %"
