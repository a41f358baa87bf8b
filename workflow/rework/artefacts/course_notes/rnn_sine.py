"""The course's first recurrent network (5.1): an RNN learns to continue a sine while it runs along it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import nn

from rework.artefacts.context import ArtefactContext
from rework.artefacts.named_things import option_place
from rework.artefacts.result import Built
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style
from rework.errors import ConfigError
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Few, Positive, Units
from rework.training.determinism import make_deterministic


@dataclass(frozen=True)
class SineTraining:
    """How one training went, over its steps.

    Attributes:
        outputs: what the network said of the next values before each update, float steps x points.
        losses: their mean squared error, float steps.
    """

    outputs: NDArray[np.float64]
    losses: NDArray[np.float64]


def half_wave(step: int, points: int) -> NDArray[np.float32]:
    """Return the times of a step, from one multiple of pi to the next, float points + 1."""
    return np.linspace(step * np.pi, (step + 1) * np.pi, points + 1, dtype=np.float32)


def train_on_sine(seed: int, *, hidden: int, points: int, steps: int, learning_rate: float) -> SineTraining:
    """Train an RNN with a linear output to say the next value of a sine after each of ``points`` values.

    Every step reads the next half wave and makes one update with Adam; the state is handed on, without its history.
    """
    torch.manual_seed(seed)
    cell, output = nn.RNN(1, hidden, batch_first=True), nn.Linear(hidden, 1)
    optimiser = torch.optim.Adam([*cell.parameters(), *output.parameters()], lr=learning_rate)
    state = torch.zeros(1, 1, hidden)
    said, losses = [], []
    for step in range(steps):
        wave = torch.from_numpy(np.sin(half_wave(step, points))).view(1, -1, 1)
        outputs, state = cell(wave[:, :-1], state)
        state = state.detach()
        guesses = output(outputs)
        loss = nn.functional.mse_loss(guesses, wave[:, 1:])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        said.append(guesses.detach().double().flatten().numpy())
        losses.append(float(loss.detach()))
    return SineTraining(np.stack(said), np.array(losses))


def rnn_sine(
    context: ArtefactContext,
    *,
    hidden: Units,
    points: Count,
    steps: Count,
    learning_rate: Positive,
    seeds: Few,
    shown: tuple[Count, ...],
) -> Built:
    """Return what an RNN says of a sine at some of its steps, and how its loss falls.

    Args:
        context: the artefact.
        hidden: units of the RNN.
        points: values that each step reads.
        steps: updates.
        learning_rate: of Adam.
        seeds: trainings, of which the first is drawn.
        shown: steps to draw, counted from 1.
    """
    if not 1 <= len(shown) < len(COLOURS) or max(shown) > steps:
        raise ConfigError(
            f"{option_place(context, 'shown')}: found {list(shown)}, expected 1 to {len(COLOURS) - 1} steps up to "
            f"{steps}"
        )
    make_deterministic(threads=1)
    names = (context.settings.global_seed, context.settings.id)
    trainings = [
        train_on_sine(
            derive_seed(*names, number), hidden=hidden, points=points, steps=steps, learning_rate=learning_rate
        )
        for number in range(seeds)
    ]
    losses = np.stack([training.losses for training in trainings])
    first, last = losses[:, 0].mean(), losses[:, -1].mean()
    flipped = "" if all(step % 2 for step in shown) else "; every second half wave is below zero and drawn above"
    return Built(
        caption=(
            f"An RNN of {hidden} units reads {points} values of a sine at a time and says after each what comes next; "
            f"one update of Adam a step, at the rate {learning_rate:g}. Left: what it said at some steps of the first "
            f"training, and the sine{flipped}. Right: mean squared error, on a logarithmic scale, before each update "
            f"for {seeds} seeds, and their mean; it goes from {first:.3f} to {last:.5f}."
        ),
        alt="Line plots of a sine with an RNN's guesses at some steps, and of the falling error over steps",
        data=pd.DataFrame(
            [
                {"seed": number, "step": step + 1, "squared error": value}
                for number, row in enumerate(losses)
                for step, value in enumerate(row.tolist())
            ]
        ),
        figure=_figure(trainings[0], losses, points, shown),
        facts={"first": float(first), "last": float(last)},
    )


def _figure(training: SineTraining, losses: NDArray[np.float64], points: int, shown: tuple[int, ...]) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.5))
        left, right = figure.subplots(1, 2)
        phases = np.arange(1, points + 1) / points
        for colour, step in zip(COLOURS[1:], shown, strict=False):
            sign = 1 if step % 2 else -1
            left.plot(
                phases, sign * training.outputs[step - 1], "o-", color=colour, markersize=2.5, label=f"step {step}"
            )
        left.plot(phases, np.sin(np.pi * phases), color=COLOURS[0], linewidth=2, label="sine", zorder=0)
        left.set_xlabel("place in the half wave")
        left.set_ylabel("next value")
        left.legend(fontsize=7.5)
        steps = np.arange(1, losses.shape[1] + 1)
        right.plot(steps, losses.T, color=COLOURS[0], linewidth=0.6, alpha=0.55)
        right.plot(steps, losses.mean(axis=0), color=COLOURS[0], linewidth=2)
        right.set_yscale("log")
        right.set_xlabel("step")
        right.set_ylabel("mean squared error")
    return figure
