"""What metrics are called, in which unit they are shown, and which way is better: one table for tables and curves.

A metric has the name of a quantity, with a split before it where it is measured on one: ``test_accuracy``, ``psnr``.
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
        words: its name in a text.
        unit: ``%`` for a fraction that is shown times 100.
        better: which way is better.
        proportion: whether it is a share of independent examples, so that their number tells a sampling error.
        beside: what is added to a run's label where it is shown beside the main metric of the same split.
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
        """Whether it is a fraction that is shown times 100."""
        return self.unit == "%"

    @property
    def axis(self) -> str:
        """Its name with the unit, as a label of an axis; per cents stand at the ticks."""
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
}


@dataclass(frozen=True)
class Metric:
    """A metric or a column of a history by its name, as the split and the quantity that the name is made of."""

    name: str
    split: str
    quantity: Quantity

    @classmethod
    def of(cls, name: str) -> "Metric":
        """Return what a name stands for; a quantity that the table lacks has its name for words and no unit."""
        split, _, rest = name.partition("_")
        if split not in SPLITS:
            split, rest = "", name
        return cls(name, split, QUANTITIES.get(rest) or Quantity(rest.replace("_", " ")))

    @property
    def words(self) -> str:
        """Its name in a text, as in "validation accuracy"."""
        return f"{SPLITS[self.split]} {self.quantity.words}" if self.split else self.quantity.words

    @property
    def axis(self) -> str:
        """Its name with the unit, as in "training loss (nats)"."""
        return f"{SPLITS[self.split]} {self.quantity.axis}" if self.split else self.quantity.axis

    def beside(self, main: "Metric") -> str:
        """Return what is added to a run's label for this metric, where ``main`` is the one that needs no word."""
        if self == main:
            return ""
        if self.split and self.quantity == main.quantity:
            return f", {SPLITS[self.split]} split"
        return f", {self.quantity.beside or self.words}" if self.split == main.split else f", {self.words}"
