"""Two facts about self-attention, checked in float64 over random draws (exercise 1.3)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import short
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.settings.ranges import Count, Units

Matrix = NDArray[np.float64]


def attention_probabilities(inputs: Matrix, query: Matrix, key: Matrix) -> Matrix:
    """Return softmax(X W_Q W_K^T X^T), row by row.

    Args:
        inputs: X, float, ... x length x model size.
        query: W_Q, float, ... x model size x head size.
        key: W_K, float, ... x model size x head size.
    """
    scores = (inputs @ query) @ np.swapaxes(inputs @ key, -1, -2)
    probabilities: Matrix = softmax(scores, axis=-1)
    return probabilities


@measures(rank_excess=("all",))
def attention_rank(context: ArtefactContext, *, draws: Count, sizes: tuple[tuple[Units, Units], ...]) -> Built:
    """Compare the numerical rank of W_Q W_K^T with the head size d for several ``sizes`` n x d."""
    generator = context.random_numbers()
    rows: list[dict[str, Any]] = []
    for size, head in sizes:
        query, key = generator.standard_normal((2, draws, size, head))
        ranks = np.linalg.matrix_rank(query @ np.swapaxes(key, 1, 2))
        rows.append(
            {
                "size": f"{size} × {size}",
                "head": int(head),
                "draws": draws,
                "least": int(ranks.min()),
                "greatest": int(ranks.max()),
            }
        )
    data = pd.DataFrame(rows)
    excess = float((data["greatest"] - data["head"]).max())
    return Built(
        caption=(
            f"Numeric rank of the product of W_Q and the transpose of W_K for {draws} draws of standard normal entries "
            f"at each of {len(rows)} sizes (float64, NumPy's default threshold on singular values)."
        ),
        data=data,
        values=(Measured("all", "rank_excess", "greatest rank minus d", exact(excess)),),
        table=Table.of(
            data,
            Column("size", "size of the product", "right"),
            Column("head", "d", "right"),
            Column("draws", "random draws", "right"),
            Column("least", "least rank found", "right"),
            Column("greatest", "greatest rank found", "right"),
        ),
        facts={
            "draws": draws * len(rows),
            "excess": excess,
            "reached": bool((data["least"] == data["head"]).all()),
        },
    )


@measures(largest_difference=("all",))
def attention_two_heads(
    context: ArtefactContext, *, draws: Count, length: Units, model_size: Units, head_size: Units
) -> Built:
    """Compare the probabilities of two heads whose weights differ by an invertible matrix B."""
    size, head = model_size, head_size
    generator = context.random_numbers()
    inputs = generator.standard_normal((draws, length, size))
    query, key = generator.standard_normal((2, draws, size, head)) / np.sqrt(size)
    rows: list[dict[str, Any]] = []
    for name, change in (
        ("orthogonal", np.linalg.qr(generator.standard_normal((draws, head, head)))[0]),
        ("standard normal", generator.standard_normal((draws, head, head))),
    ):
        other_key = key @ np.swapaxes(np.linalg.inv(change), 1, 2)
        first = attention_probabilities(inputs, query, key)
        second = attention_probabilities(inputs, query @ change, other_key)
        rows.append(
            {
                "kind": name,
                "draws": draws,
                "condition": f"{np.linalg.cond(change).max():.1e}",
                "difference": float(np.abs(first - second).max()),
            }
        )
    data = pd.DataFrame(rows)
    largest = float(data["difference"].max())
    return Built(
        caption=(
            f"Two attention heads over {length} positions with weights {size} × {head}, the second changed by B: the "
            f"greatest difference between their probabilities in float64, where one rounding error is about 1e-16."
        ),
        data=data,
        values=(Measured("all", "largest_difference", "greatest difference of P1 and P2", exact(largest)),),
        table=Table.of(
            short(data, "difference"),
            Column("kind", "matrix B"),
            Column("draws", "random draws", "right"),
            Column("condition", "greatest condition number of B", "right"),
            Column("difference", "greatest difference of a probability", "right"),
        ),
        facts={"draws": draws * len(rows), "difference": f"{largest:.1e}"},
    )
