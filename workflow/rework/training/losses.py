"""Loss functions by name."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.models.words import WordModel
from rework.training.batches import Batch

Loss = Callable[[Tensor, Batch], Tensor]

# Each maps outputs (N, classes) and targets (N,) to the mean loss of the batch.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "nll": F.nll_loss,  # of log-probabilities
    "cross-entropy": F.cross_entropy,  # of logits
}


def loss_function(name: str, model: nn.Module) -> Loss:
    """Return the mean loss of a batch as a function of the model's outputs (N, classes) and the batch.

    A model of words computes its own; ``name`` must be what it calls it.

    Raises:
        ConfigError: there is no such loss, or the model trains with another.
    """
    if isinstance(model, WordModel):
        if name != model.loss_name:
            raise ConfigError(f"loss {name!r}: this model with these parameters trains with {model.loss_name!r}")
        return _own_loss(model)
    if name not in LOSSES:
        raise ConfigError(f"loss {name!r}: expected one of {', '.join(LOSSES)} for a model of single examples")
    function = LOSSES[name]
    return lambda outputs, batch: function(outputs, batch.targets)


def _own_loss(model: WordModel) -> Loss:
    def loss(emissions: Tensor, batch: Batch) -> Tensor:
        assert batch.lengths is not None, "the view of a model of words is checked before"
        return model.loss(emissions, batch.targets, batch.lengths)

    return loss


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
