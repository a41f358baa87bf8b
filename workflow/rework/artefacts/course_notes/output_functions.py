"""From scores to predictions: step, sigmoid and softmax (1.2)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Measured, exact
from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, plot_style
from rework.numpy_network.activations import sigmoid, softmax
from rework.settings.ranges import TwoOrMore

Floats = NDArray[np.float64]
OTHERS = (1.0, -1.0)  # scores of the second and third class, while that of the first runs
FAR = 700.0  # how far from 0 the two functions are compared, almost as far as exponentials reach


@measures(max_difference=("max_difference",))
def output_functions(context: ArtefactContext, *, points: TwoOrMore) -> Built:
    """Return the three functions at ``points`` scores, and how far sigmoid is from softmax with a second score of 0."""
    del context  # nothing is read
    scores = np.linspace(-6, 6, points)
    classes = softmax(np.column_stack([scores, *(np.full(points, other) for other in OTHERS)]))
    wide = np.concatenate([scores, np.linspace(-FAR, FAR, points)])
    difference = float(np.abs(sigmoid(wide) - softmax(np.column_stack([wide, np.zeros(len(wide))]))[:, 0]).max())
    negative = np.array([*OTHERS, -2.0])
    data = pd.DataFrame({"score": scores, "step": (scores >= 0).astype(float), "sigmoid": sigmoid(scores)})
    for number, column in enumerate(classes.T, start=1):
        data[f"softmax, class {number}"] = column
    return Built(
        caption=(
            "Left: a step decides, the sigmoid gives a probability. Right: softmax of three scores, of which the first "
            f"runs and the others are {OTHERS[0]:g} and −{-OTHERS[1]:g}. Sigmoid and the softmax of a score and 0 "
            f"differ by at most {difference:.0e} (float64, scores from −{FAR:g} to {FAR:g})."
        ),
        alt="Left: a step and the S-shaped sigmoid. Right: three probabilities that sum to 1 as the first score grows",
        data=data,
        values=(Measured("max_difference", "max_difference", "sigmoid against softmax with a 0", exact(difference)),),
        figure=_figure(data),
        facts={
            "difference": difference,
            "sums": float(np.abs(classes.sum(axis=1) - 1).max()),
            "negative": negative.tolist(),
            "divided": (negative / negative.sum()).tolist(),
            "softmax": softmax(negative[None])[0].tolist(),
        },
    )


def _figure(data: pd.DataFrame) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.6))
        left, right = figure.subplots(1, 2, sharey=True)
        left.step(data["score"], data["step"], color=COLOURS[1], linestyle=LINES[1], label="step", where="mid")
        left.plot(data["score"], data["sigmoid"], color=COLOURS[0], label="sigmoid")
        left.set_ylabel("output")
        left.set_xlabel("score")
        for number in range(3):
            style = {"color": COLOURS[number], "linestyle": LINES[number]}
            right.plot(data["score"], data[f"softmax, class {number + 1}"], label=f"class {number + 1}", **style)
        right.set_xlabel("score of class 1")
        for axes in (left, right):
            axes.legend(loc="center left", fontsize=7.5)
    return figure
