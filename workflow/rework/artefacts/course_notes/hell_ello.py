"""The example of section 5.4: a network with three hidden units learns to say "ello" when it reads "hell"."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import nn

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Column, Table
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Positive, Units
from rework.training.determinism import make_deterministic

READ, WANTED = "hell", "ello"


@dataclass(frozen=True)
class ForwardPass:
    """What passes through the network: hidden states float 4 x 3, and confidences and probabilities float 4 x 4."""

    hidden: NDArray[np.float64]
    confidences: NDArray[np.float64]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The softmax of the confidences of each step."""
        found: NDArray[np.float64] = torch.from_numpy(self.confidences).softmax(dim=1).numpy()
        return found


class TinyNetwork(nn.Module):
    """Four one-hot inputs, an RNN of a few units, and four confidences.

    Args:
        characters: how many there are.
        hidden: units of the RNN.
    """

    def __init__(self, characters: int, hidden: int) -> None:
        super().__init__()
        self.cell = nn.RNN(characters, hidden, batch_first=True)
        self.output = nn.Linear(hidden, characters)

    def run(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the hidden states and the confidences for one-hot characters, steps x characters."""
        hidden, _ = self.cell(seen[None])
        return hidden[0], self.output(hidden[0])

    def pass_of(self, seen: torch.Tensor) -> ForwardPass:
        """Return the forward pass as numbers."""
        with torch.no_grad():
            hidden, confidences = self.run(seen)
        return ForwardPass(hidden.double().numpy(), confidences.double().numpy())


def hell_ello(context: ArtefactContext, *, hidden: Units, steps: Count, learning_rate: Positive) -> Built:
    """Return every number of the forward pass before and after the training.

    Args:
        context: the artefact.
        hidden: units of the RNN.
        steps: updates of Adam.
        learning_rate: of Adam.
    """
    make_deterministic(threads=1)
    alphabet = "helo"
    seen = torch.eye(len(alphabet))[[alphabet.index(character) for character in READ]]
    wanted = torch.tensor([alphabet.index(character) for character in WANTED])
    torch.manual_seed(derive_seed(context.settings.global_seed, context.settings.id, "weights"))
    network = TinyNetwork(len(alphabet), hidden)
    before = network.pass_of(seen)
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network.run(seen)[1], wanted).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    after = network.pass_of(seen)
    data = pd.DataFrame([*_rows("before", before, alphabet), *_rows("after", after, alphabet)])
    said = "".join(alphabet[number] for number in after.confidences.argmax(axis=1))
    return Built(
        caption=(
            f"The forward pass of “{READ}” through a network with {len(alphabet)} inputs, {hidden} hidden units with "
            f"tanh and {len(alphabet)} outputs, before and after {steps} updates of Adam at the rate "
            f"{learning_rate:g}: the hidden state, the confidence in each next character, and the probability that the "
            "softmax gives the right one."
        ),
        data=data,
        table=Table.of(
            data,
            Column("when", ""),
            Column("read", "read"),
            Column("hidden", "hidden state", "right"),
            *(Column(character, f"“{character}”", "right", decimals=1) for character in alphabet),
            Column("next", "next"),
            Column("probability", "probability", "right", "%", 1),
        ),
        facts={
            "said": said,
            "before": float(_right(before, alphabet).mean()),
            "after": float(_right(after, alphabet).min()),
        },
    )


def _right(found: ForwardPass, alphabet: str) -> NDArray[np.float64]:
    """Return the probability of the right next character at each step, float 4."""
    chosen: NDArray[np.float64] = found.probabilities[np.arange(4), [alphabet.index(one) for one in WANTED]]
    return chosen


def _rows(when: str, found: ForwardPass, alphabet: str) -> list[dict[str, Any]]:
    return [
        {
            "when": when,
            "read": READ[step],
            "hidden": "  ".join(f"{value:+.2f}".replace("-", "−") for value in found.hidden[step]),
            **dict(zip(alphabet, found.confidences[step].tolist(), strict=True)),
            "next": WANTED[step],
            "probability": float(_right(found, alphabet)[step]),
        }
        for step in range(len(READ))
    ]
