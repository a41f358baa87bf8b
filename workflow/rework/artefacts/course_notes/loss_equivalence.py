"""Cross-entropy on logits against NLL on log-probabilities, and the notes' listing of both (section 2.2, table 1)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from scipy.special import logsumexp
from torch import Tensor, nn
from torch.nn import functional

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import short
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Positive, Units

LISTED = ((784, 128), (126, 64), (64, 10))
"""Inputs and outputs of the layers in the notes' listing."""


@dataclass(frozen=True)
class Losses:
    """The two losses of a batch, with their greatest differences relative to the larger of the loss and 1.

    Attributes:
        loss: cross-entropy of the logits, the mean of the batch in nats.
        difference: of NLL on log-softmax from it.
        gradients: likewise, of all gradients with respect to weights and biases.
        reference: difference of the loss from the formula in double precision.
        lost: how many examples have no finite loss if the logarithm is taken of softmax in a second step.
    """

    loss: float
    difference: float
    gradients: float
    reference: float
    lost: int


@measures(max_difference=("max_difference",))
def loss_equivalence(
    context: ArtefactContext, *, sizes: tuple[Units, ...], batch: Count, scales: tuple[Positive, ...]
) -> Built:
    """Compare both losses of a fresh network on random inputs, with its logits multiplied by each of ``scales``.

    Args:
        context: the artefact.
        sizes: inputs, hidden units and classes of the network.
        batch: how many examples.
        scales: factors of the logits.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(context.settings.global_seed, context.settings.id, "network"))
        network = layers(tuple(pairwise(sizes)))
        inputs, targets = torch.rand(batch, sizes[0]) * 2 - 1, torch.randint(sizes[-1], (batch,))
    found = {scale: compare(network, inputs, targets, scale) for scale in scales}
    data = pd.DataFrame([{"scale": scale, **vars(losses)} for scale, losses in found.items()])
    greatest = float(data[["difference", "gradients"]].to_numpy().max())
    errors = listing_errors()
    return Built(
        caption=(
            f"Losses of a network {'-'.join(map(str, sizes))} with random weights for {batch} random examples, its "
            "logits multiplied by a factor: cross-entropy on logits, how far NLL on log-softmax and its gradients are "
            "from it, and how far the formula in double precision is, each relative to the loss where that is above 1; "
            "and how many examples are lost if softmax and logarithm are two steps. Single precision."
        ),
        data=data,
        values=(Measured("max_difference", "max_difference", "greatest difference", exact(greatest)),),
        table=Table.of(
            short(data, "difference", "gradients", "reference"),
            Column("scale", "factor", "right", decimals=0),
            Column("loss", "cross-entropy, nats", "right", decimals=4),
            Column("difference", "difference of NLL", "right"),
            Column("gradients", "of its gradients", "right"),
            Column("reference", "of the formula", "right"),
            Column("lost", "examples lost in two steps", "right"),
        ),
        facts={
            "difference": greatest,
            "lost": int(data["lost"].max()),
            "as_listed": errors[0],
            "with_commas": errors[1],
            "repaired": errors[2],
        },
    )


def layers(sizes: tuple[tuple[int, int], ...]) -> nn.Sequential:
    """Return linear layers of these inputs and outputs, with ReLU between them."""
    return nn.Sequential(*(part for pair in sizes for part in (nn.Linear(*pair), nn.ReLU())))[:-1]


def compare(network: nn.Module, inputs: Tensor, targets: Tensor, scale: float) -> Losses:
    """Return both losses of a batch with the logits multiplied by a factor."""
    parameters = list(network.parameters())
    logits = network(inputs) * scale
    entropy = functional.cross_entropy(logits, targets)
    likelihood = functional.nll_loss(functional.log_softmax(logits, dim=1), targets)
    gradients = [torch.autograd.grad(loss, parameters, retain_graph=True) for loss in (entropy, likelihood)]
    wide = logits.detach().double().numpy()
    formula = float(np.mean(logsumexp(wide, axis=1) - wide[np.arange(len(wide)), targets.numpy()]))
    in_two_steps = functional.nll_loss(functional.softmax(logits, dim=1).log(), targets, reduction="none")
    loss, other = float(entropy.detach()), float(likelihood.detach())
    least = max(1.0, loss)
    return Losses(
        loss=loss,
        difference=abs(other - loss) / least,
        gradients=max(float((one - other).abs().max()) for one, other in zip(*gradients, strict=True)) / least,
        reference=abs(formula - loss) / least,
        lost=int((~torch.isfinite(in_two_steps)).sum()),
    )


def listing_errors() -> tuple[str, str, str]:
    """Return what is raised by the notes' listing as it stands, with commas, and with 128 inputs in its second layer.

    Nothing, where it runs.
    """
    parts = [f"nn.Linear({inputs}, {outputs})" for inputs, outputs in LISTED]
    try:
        compile("nn.Sequential(" + "\nnn.ReLU()\n".join(parts) + ")", "listing", "eval")
        as_listed = ""
    except SyntaxError as error:
        as_listed = f"{type(error).__name__}: {error.msg}"
    first, second, *others = LISTED
    return as_listed, _error_of(LISTED), _error_of((first, (first[1], second[1]), *others))


def _error_of(sizes: tuple[tuple[int, int], ...]) -> str:
    """Return what is raised when a batch of zeros passes layers of these inputs and outputs, or nothing."""
    try:
        layers(sizes)(torch.zeros(64, sizes[0][0]))
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"
    return ""
