"""What a model of whole words offers besides its forward pass."""

import torch
from torch import Tensor, nn


class WordModel(nn.Module):
    """A model that reads all examples of a word together.

    It is called with the examples of one or more words, one word after another (N x C x H x W), and the words' lengths
    (int64 B on the CPU, summing to N), and returns a row of scores per example, the emissions (float N x labels).

    Attributes:
        loss_name: what the configuration calls the model's own loss.
    """

    loss_name: str

    def example_arguments(self, example: Tensor) -> tuple[Tensor, ...]:
        """Return what the model is called with for one word of one example."""
        return example, torch.ones(1, dtype=torch.int64)

    def loss(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean loss per example, a scalar."""
        raise NotImplementedError

    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the label of each example, int64 N."""
        raise NotImplementedError

    def log_probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the log-probability of each label for each example, float N x labels."""
        raise NotImplementedError
