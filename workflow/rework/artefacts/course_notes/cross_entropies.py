"""Cross-entropy of worked examples, by hand and by torch's loss (1.2)."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import short
from rework.artefacts.measures import measures
from rework.artefacts.named_things import option_place
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.errors import ConfigError
from rework.settings.ranges import Share, Whole

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worked:
    """An example: the probability that each event, or each class of each event, was given, and what happened.

    ``probabilities`` are (events,) with ``happened`` 0 or 1, or (events, classes) with the classes that happened.
    """

    name: str
    probabilities: Floats
    happened: NDArray[np.int64]

    @property
    def of_what_happened(self) -> Floats:
        """The probability of what happened, for each event."""
        if self.probabilities.ndim == 1:
            return np.where(self.happened == 1, self.probabilities, 1 - self.probabilities)
        found: Floats = self.probabilities[np.arange(len(self.happened)), self.happened]
        return found


@measures(max_difference=("max_difference",))
@needs(alike=(("events", "happened[]"), ("doors", "classes")))
def cross_entropy(
    context: ArtefactContext,
    *,
    events: tuple[Share, ...],
    happened: tuple[tuple[Literal[0, 1], ...], ...],
    classes: tuple[tuple[Share, ...], ...],
    doors: tuple[Whole, ...],
) -> Built:
    """Return the cross-entropy of examples, worked term by term and computed by torch's losses.

    Args:
        context: the artefact.
        events: probabilities of events that happen or not.
        happened: for each binary example, which of them happened (1).
        classes: of each further event, the probabilities of its classes, which sum to 1.
        doors: the class of each of them that came true, from 0.
    """
    for door in doors:
        if door >= len(classes[0]):
            raise ConfigError(f"{option_place(context, 'doors')}: found {door}, expected 0 to {len(classes[0]) - 1}")
    probabilities = np.array(events)
    examples = [Worked(f"binary: {_digits(case)}", probabilities, np.array(case)) for case in happened]
    examples.append(Worked(f"{len(classes[0])} classes: {_digits(doors)}", np.array(classes), np.array(doors)))
    rows = [_row(example) for example in examples]
    data = pd.DataFrame(rows)
    greatest = float(data["difference"].max())
    # The same binary example as one of two classes.
    as_two = Worked("", np.column_stack([1 - probabilities, probabilities]), np.array(happened[0]))
    return Built(
        caption=(
            f"Cross-entropy of events with the probabilities {', '.join(f'{event:g}' for event in events)} that happen "
            f"(1) or not (0), and of events with {len(classes[0])} classes (from 0), as the sum of their terms, as the "
            "negative logarithm of the product of the probabilities, and by torch in single precision."
        ),
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference from torch", exact(greatest)),),
        table=Table.of(
            short(data, "difference"),
            Column("example", "example"),
            Column("terms", "term by term"),
            Column("sum", "sum, nats", "right", decimals=6),
            Column("product", "−ln of the product", "right", decimals=6),
            Column("library", "torch's loss", "right", decimals=6),
            Column("difference", "difference", "right"),
            Column("mean", "mean, nats", "right", decimals=4),
        ),
        facts={
            "difference": greatest,
            "two_classes": abs(rows[0]["sum"] - float(-np.log(as_two.of_what_happened).sum())),
            "best": min(rows[: len(happened)], key=lambda row: row["sum"])["example"],
            "vanishes": vanishing_product(0.5),
        },
    )


def vanishing_product(probability: float) -> int:
    """Return how many equal probabilities multiply to exactly 0 in double precision."""
    count, product = 0, 1.0
    while product > 0:
        count, product = count + 1, product * probability
    return count


def _digits(happened: tuple[int, ...]) -> str:
    return ", ".join(map(str, happened))


def _row(example: Worked) -> dict[str, Any]:
    found = example.of_what_happened
    terms = -np.log(found)
    library = _by_torch(example)
    return {
        "example": example.name,
        "terms": " ".join(f"−ln {value:g}" for value in found.round(12)),
        "sum": float(terms.sum()),
        "product": float(-np.log(found.prod())),
        "library": library,
        "difference": abs(library - float(terms.sum())),
        "mean": float(terms.mean()),
    }


def _by_torch(example: Worked) -> float:
    """Return torch's loss in single precision, summed over the events."""
    import torch  # only here: no other function of this module needs it, and it takes seconds to import
    from torch.nn import functional

    probabilities = torch.from_numpy(example.probabilities).float()
    if example.probabilities.ndim == 1:
        happened = torch.from_numpy(example.happened).float()
        return float(functional.binary_cross_entropy(probabilities, happened, reduction="sum"))
    # Logarithms of probabilities are scores whose softmax is these probabilities.
    scores, targets = probabilities.log(), torch.from_numpy(example.happened)
    return float(functional.cross_entropy(scores, targets, reduction="sum"))
