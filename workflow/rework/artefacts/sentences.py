"""Parts of sentences that the captions of several artefacts share."""

from collections.abc import Sequence

from rework.artefacts.result import Measured
from rework.evaluation.statistics import Estimate
from rework.messages import plural
from rework.settings.artefact import RunReference

INTERVALS = {
    "t": "90 % t-interval over seeds",
    "none": "none, as there is one seed",
    "exact": "none, as it is computed",
}


def basis(values: Sequence[Measured]) -> str:
    """Return a sentence on which kind of interval applies to which values."""
    kinds = dict.fromkeys(INTERVALS[value.estimate.interval] for value in values)
    if len(kinds) == 1:
        return f"Intervals: {next(iter(kinds))}."
    parts = [
        f"{kind} for {', '.join(value.label for value in values if INTERVALS[value.estimate.interval] == kind)}"
        for kind in kinds
    ]
    return f"Intervals: {'; '.join(parts)}."


def limits(found: Estimate, unit: str = " %") -> str:
    """Return the ends of the interval of a share in per cent, or a dash for a single seed."""
    return f"{100 * found.low:.2f} to {100 * found.high:.2f}{unit}" if found.interval == "t" else "–"


def lengths(runs: Sequence[RunReference]) -> str:
    """Return how long the runs trained, as in "15 epochs" or "15 epochs or 8 000 updates"."""
    return " or ".join(dict.fromkeys(run.length for run in runs))


def mean_of_seeds(runs: Sequence[RunReference]) -> str:
    """Return how many seeds a mean was taken over, as in "one seed", "mean of 3 seeds" or "mean of 1 or 3 seeds"."""
    counts = sorted({len(run.seeds) for run in runs})
    return "one seed" if counts == [1] else f"mean of {' or '.join(map(str, counts))} seeds"


def first_seeds(runs: Sequence[RunReference]) -> str:
    """Return a sentence on the first seed of each run, as in "Seed 0." or "Seeds: 1 (with L2), 0 (without)."."""
    first = {run.label: run.seeds[0] for run in runs}
    if len({*first.values()}) == 1:
        return f"Seed {runs[0].seeds[0]}."
    return f"Seeds: {', '.join(f'{seed} ({label})' for label, seed in first.items())}."


def seeds(run: RunReference) -> str:
    """Return the number of a run's seeds in words, as in "1 seed"."""
    return plural(len(run.seeds), "seed")
