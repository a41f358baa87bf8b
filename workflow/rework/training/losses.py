"""Loss functions by name."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from rework.errors import ConfigError

Loss = Callable[[Tensor, Tensor], Tensor]

# Each maps outputs (N, classes) and targets (N,) to the mean loss of the batch.
LOSSES: dict[str, Loss] = {
    "nll": F.nll_loss,  # of log-probabilities
    "cross-entropy": F.cross_entropy,  # of logits
}


def loss_function(name: str) -> Loss:
    """Return the loss of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in LOSSES:
        raise ConfigError(f"loss {name!r}: expected one of {', '.join(LOSSES)}")
    return LOSSES[name]


def check_outputs(name: str, outputs: Tensor) -> None:
    """Refuse to train a model that returns logits with ``nll``: it would run, and mean nothing.

    Args:
        name: name of the loss.
        outputs: what the untrained model returns for one example, shape (1, classes).

    Raises:
        ConfigError: the loss is ``nll`` and the outputs are no log-probabilities.
    """
    if name == "nll" and not torch.allclose(outputs.exp().sum(dim=1), torch.ones(1, device=outputs.device), atol=1e-3):
        raise ConfigError("loss 'nll' needs a model that returns log-probabilities; use 'cross-entropy' for logits")
