"""What the listed attention computes, with shapes, beside additive attention (exercise 3.1.b)."""

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.errors import DataError


@needs(runs=2, first={"model": "caption-joined-scores"}, last={"model": "caption-attention"}, same_data=True)
def attention_shapes(context: ArtefactContext) -> Built:
    """Return the steps of both computations for one picture and one word, with the shapes of the trained tensors."""
    listed, additive = context.settings.runs
    sizes = _sizes(context, additive.run)
    positions, channels, attention, hidden, embedding = sizes
    reads = {run.run: _reads(context, run.run, embedding) for run in (listed, additive)}
    if reads != {listed.run: 2 * positions, additive.run: channels}:
        raise DataError(
            f"{context.settings.id}: the LSTMs read {reads} numbers beside a word; these are other decoders"
        )
    rows = [
        ("features of the picture", f"{positions} × {channels}", f"{positions} × {channels}"),
        ("projection of each position", f"{positions} × {attention}", f"{positions} × {attention}"),
        ("projection of the state", f"{hidden} → {attention}", f"{hidden} → {attention}"),
        (
            "how the two are combined",
            f"{positions} copies of the state below the positions: {2 * positions} × {attention}",
            f"the state added to each position: {positions} × {attention}",
        ),
        ("score of each row", f"{2 * positions}, of which {positions} are equal", f"{positions}"),
        ("softmax", f"{2 * positions} numbers that sum to 1", f"{positions} weights that sum to 1"),
        ("features weighted by it", "none", f"{channels}, the weighted mean over the positions"),
        ("read by the LSTM beside the word", f"{reads[listed.run]}, the softmax itself", f"{reads[additive.run]}"),
    ]
    data = pd.DataFrame(rows, columns=["step", "listed", "additive"])
    return Built(
        caption=(
            "What the writeup's listing computes for one picture and one word, and what additive attention does; the "
            "sizes are those of the trained tensors. The course's decoder expects as many numbers as a feature has, "
            f"{channels}; the listing hands it {2 * positions}."
        ),
        data=data,
        table=Table.of(
            data, Column("step", "step"), Column("listed", "as listed"), Column("additive", "additive attention")
        ),
        facts={
            "positions": positions,
            "channels": channels,
            "joined": 2 * positions,
            "runs": 2 * positions == channels,
        },
    )


def _sizes(context: ArtefactContext, run: str) -> tuple[int, int, int, int, int]:
    """Return the numbers of positions and channels, and the sizes of attention, state and embedding of a run."""
    tensors = context.weights(run, context.run(run).seeds[0])
    attention, channels = tensors["encoder_projection.weight"].shape
    hidden = tensors["decoder_projection.weight"].shape[1]
    embedding = tensors["embedding.weight"].shape[1]
    info = context.dataset_info(context.run(run).dataset)
    return int(info["splits"]["test"]["inputs"]["shape"][1]), channels, attention, hidden, embedding


def _reads(context: ArtefactContext, run: str, embedding: int) -> int:
    """Return how many numbers an LSTM reads beside the word."""
    tensors = context.weights(run, context.run(run).seeds[0])
    return int(tensors["lstm.weight_ih"].shape[1]) - embedding
