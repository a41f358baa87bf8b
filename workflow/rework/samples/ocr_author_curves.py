"""The embedded sample in place of the author's curves of ocr: losses that fall and accuracies that rise, with noise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.ocr_author_curves import EPOCHS, FILE, HEADER, MEASURED_BY, OPTIONS, RUNS
from rework.datasets.options import check_names
from rework.evaluation.running_means import running_means
from rework.files import write_text

LETTERS = 1000  # of the validation split
LETTERS_PER_WORD = 7.5
OF_WORDS = ("bilstm", "cnn-bilstm")


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write curves of all runs into ``raw``, in the form of the author's; they are nobody's results."""
    check_names(options, OPTIONS, "sample of ocr-author-curves")
    generator = np.random.default_rng(seed)
    epochs = np.arange(1, EPOCHS + 1)
    lines = [",".join(HEADER)]
    for run in RUNS:
        losses = 2.0 / epochs * np.exp(0.05 * generator.standard_normal(EPOCHS))
        # As the author plots them: since the start for single letters, by the number of letters for words.
        plotted = losses / LETTERS_PER_WORD if run in OF_WORDS else running_means(losses, epochs)
        right = (LETTERS * (0.95 - 0.4 / epochs + 0.005 * generator.standard_normal(EPOCHS))).round().astype(int)
        lines += [
            f"{run},{MEASURED_BY},{epoch},{shown:.6f},{loss:.5f},{count},{LETTERS},{count / LETTERS:.6f}"
            for epoch, shown, loss, count in zip(epochs, plotted, losses, right, strict=True)
        ]
    write_text(raw / FILE, "\n".join(lines) + "\n")
