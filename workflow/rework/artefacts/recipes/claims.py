"""The claims of a writeup, checked over the seeds that were run."""

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built
from rework.evaluation.claims import MeasuredRun, check_claim


def claims(context: ArtefactContext) -> Built:
    """Check the writeup's conclusions over the seeds that were run."""
    measured: dict[tuple[str, str], MeasuredRun] = {}
    for claim in context.settings.claims:
        if claim.not_run is not None:
            continue
        for run in (claim.left, *claim.right):
            measured[run, claim.metric] = MeasuredRun(context.run(run).label, *context.estimate(run, claim.metric))
    checked = tuple(
        check_claim(claim, {run: found for (run, metric), found in measured.items() if metric == claim.metric})
        for claim in context.settings.claims
    )
    return Built(
        caption=(
            "The writeup's conclusions, each checked on the 95 % interval of the difference: over seeds where both "
            "sides have at least two, otherwise of two proportions of the test set."
        ),
        data=(("claim", "result", "why"), [[item.claim.text, item.result, item.why] for item in checked]),
        claims=checked,
    )
