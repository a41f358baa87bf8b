"""Names and units of metrics, and which direction is better: one list shared by tables and curves.

A metric is named after a quantity, prefixed with the split if it is measured on one: ``test_accuracy``, ``psnr``.
The columns of a history are named in the same way.
"""

from dataclasses import dataclass
from typing import Literal

SPLITS = {"train": "training", "validation": "validation", "test": "test"}
"""The splits of a data set and what texts call them."""


@dataclass(frozen=True)
class Quantity:
    """A kind of metric.

    Attributes:
        words: its name in running text.
        unit: ``%`` for a fraction that is shown as a percentage.
        better: which direction is better.
        proportion: whether it is a share of independent examples, so that their number gives a sampling error.
        beside: what is added to a run's label when it is shown beside the main metric of the same split.
        counted: what it is a share of, if not of the examples.
    """

    words: str
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    proportion: bool = False
    beside: str = ""
    counted: str = ""

    @property
    def percent(self) -> bool:
        """Whether it is a fraction that is shown as a percentage."""
        return self.unit == "%"

    @property
    def axis(self) -> str:
        """Its name with the unit, as an axis label; percent signs are at the ticks."""
        return self.words if self.percent or not self.unit else f"{self.words} ({self.unit})"

    def text(self, value: float) -> str:
        """Return a value as text: ``90.12 %`` or ``0.531``."""
        return f"{100 * value:.2f} %" if self.percent else f"{value:.3f}"


QUANTITIES = {
    "accuracy": Quantity("accuracy", "%", proportion=True),
    "word_accuracy": Quantity("word accuracy", "%", proportion=True, beside="whole words", counted="words"),
    "character_accuracy": Quantity("character accuracy", "%", proportion=True),
    "loss": Quantity("loss", "nats", "lower"),
    "generalisation_gap": Quantity("generalisation gap", "%", "lower"),
    "small_weights_share": Quantity("share of small weights", "%", proportion=True),
    "psnr": Quantity("PSNR", "dB"),
    "bleu4": Quantity("mean sentence BLEU-4"),
    "beam_bleu4": Quantity("mean sentence BLEU-4 of a beam search", beside="beam search"),
    **{f"corpus_bleu{order}": Quantity(f"corpus BLEU-{order}") for order in (1, 2, 3, 4)},
    "chrf": Quantity("chrF"),
    "alone_accuracy": Quantity("accuracy, each text by itself", "%", proportion=True),
    "alone_loss": Quantity("loss, each text by itself", "nats", "lower"),
    "perplexity": Quantity("perplexity", better="lower"),
    "reach": Quantity("reach", "symbols"),
    "total_loss": Quantity("total loss", better="lower"),
    "content_loss": Quantity("content loss", better="lower"),
    "style_loss": Quantity("style loss", better="lower"),
    "style_distance": Quantity("distance from the style", better="lower"),
    "content_distance": Quantity("distance from the content", better="lower"),
    "zero_share": Quantity("share of captions with a BLEU-4 of 0", "%", "lower", proportion=True),
}


@dataclass(frozen=True)
class Metric:
    """A metric or a column of a history parsed from its name into split and quantity."""

    name: str
    split: str
    quantity: Quantity

    @classmethod
    def of(cls, name: str) -> "Metric":
        """Return the metric with this name; a quantity missing from the table gets its name as words and no unit."""
        split, _, rest = name.partition("_")
        if split not in SPLITS:
            split, rest = "", name
        return cls(name, split, QUANTITIES.get(rest) or Quantity(rest.replace("_", " ")))

    @property
    def words(self) -> str:
        """Its name in running text, as in "validation accuracy"."""
        return f"{SPLITS[self.split]} {self.quantity.words}" if self.split else self.quantity.words

    @property
    def axis(self) -> str:
        """Its name with the unit, as in "training loss (nats)"."""
        return f"{SPLITS[self.split]} {self.quantity.axis}" if self.split else self.quantity.axis

    def beside(self, main: "Metric") -> str:
        """Return what is added to a run's label for this metric, where ``main`` is the one that needs no addition."""
        if self == main:
            return ""
        if self.split and self.quantity == main.quantity:
            return f", {SPLITS[self.split]} split"
        return f", {self.quantity.beside or self.words}" if self.split == main.split else f", {self.words}"
