"""Linear-chain conditional random field: log-partition, sequence scores and Viterbi decoding, in log space.

Sequences of different lengths are batched: ``emissions`` is float B x T x K (batch, positions, labels), and ``lengths``
int64 B gives the number of positions in each row, at least one. ``transitions[i, j]`` scores label j after label i.
Source: Lafferty, McCallum and Pereira, "Conditional random fields" (2001).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


def _forward_scores(emissions: Tensor, transitions: Tensor, start: Tensor, lengths: Tensor) -> Tensor:
    """Return alpha, float B x T x K: the log-sum of the scores of all labellings up to each position and label."""
    alpha = torch.empty_like(emissions)
    alpha[:, 0] = start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        reached = torch.logsumexp(alpha[:, t - 1].unsqueeze(2) + transitions, dim=1) + emissions[:, t]
        # Past the end of a sequence, its last alpha is carried on.
        alpha[:, t] = torch.where((t < lengths).unsqueeze(1), reached, alpha[:, t - 1])
    return alpha


def _backward_scores(emissions: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor) -> Tensor:
    """Return beta, float B x T x K: the log-sum of the scores of all labellings after each position and label."""
    beta = end.expand_as(emissions).clone()
    for t in range(emissions.shape[1] - 2, -1, -1):
        ahead = torch.logsumexp(transitions + (emissions[:, t + 1] + beta[:, t + 1]).unsqueeze(1), dim=2)
        beta[:, t] = torch.where((t + 1 < lengths).unsqueeze(1), ahead, beta[:, t])
    return beta


class _LogPartition(torch.autograd.Function):
    """Log of the summed exponentiated scores of all label sequences.

    The gradient of the log-partition is the vector of marginal probabilities, so the backward pass is the backward
    algorithm: three operations per position instead of the graph of the forward recursion.
    """

    @staticmethod
    def forward(
        ctx: Any, emissions: Tensor, transitions: Tensor, start: Tensor, end: Tensor, lengths: Tensor
    ) -> Tensor:
        alpha = _forward_scores(emissions, transitions, start, lengths)
        log_partition = torch.logsumexp(alpha[:, -1] + end, dim=1)
        ctx.save_for_backward(emissions, transitions, end, lengths, alpha, log_partition)
        return log_partition

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        emissions, transitions, end, lengths, alpha, log_partition = ctx.saved_tensors
        beta = _backward_scores(emissions, transitions, end, lengths)
        positions = torch.arange(emissions.shape[1], device=lengths.device)
        inside = (positions < lengths.unsqueeze(1)).unsqueeze(2)
        weight = grad_output[:, None, None]
        normaliser = log_partition[:, None, None]
        marginals = torch.where(inside, torch.exp(alpha + beta - normaliser), 0.0) * weight
        pairs = torch.exp(
            alpha[:, :-1].unsqueeze(3)
            + transitions
            + (emissions[:, 1:] + beta[:, 1:]).unsqueeze(2)
            - normaliser.unsqueeze(3)
        )
        pairs = torch.where(inside[:, 1:].unsqueeze(3), pairs, 0.0) * weight.unsqueeze(3)
        last = marginals.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, emissions.shape[2]))
        return marginals, pairs.sum(dim=(0, 1)), marginals[:, 0].sum(0), last.sum(dim=(0, 1)), None


class LinearChainCRF(nn.Module):
    """Scores of label sequences from emissions, label bigrams, and first and last labels.

    All scores start at zero: before training, the probability of a sequence is the product of the emissions' softmaxes.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(labels, labels))
        self.start = nn.Parameter(torch.zeros(labels))
        self.end = nn.Parameter(torch.zeros(labels))

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the log-partition of each sequence, by the forward algorithm (float B)."""
        result: Tensor = _LogPartition.apply(emissions, self.transitions, self.start, self.end, lengths)
        return result

    def score(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """Return the score of the given labels (int64 B x T, ignored past each length), float B."""
        inside = torch.arange(emissions.shape[1], device=lengths.device) < lengths.unsqueeze(1)
        emitted = emissions.gather(2, labels.unsqueeze(2)).squeeze(2)
        moved = self.transitions[labels[:, :-1], labels[:, 1:]]
        last = labels.gather(1, (lengths - 1).unsqueeze(1)).squeeze(1)
        return (
            torch.where(inside, emitted, 0.0).sum(1)
            + torch.where(inside[:, 1:], moved, 0.0).sum(1)
            + self.start[labels[:, 0]]
            + self.end[last]
        )

    def negative_log_likelihood(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """Return -log p(labels | emissions) of each sequence (float B)."""
        return self.log_partition(emissions, lengths) - self.score(emissions, labels, lengths)

    @torch.no_grad()
    def log_marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return log p(label | sequence) at each position, by forward-backward (float B x T x K, any past the end)."""
        alpha = _forward_scores(emissions, self.transitions, self.start, lengths)
        log_partition = torch.logsumexp(alpha[:, -1] + self.end, dim=1)
        return alpha + _backward_scores(emissions, self.transitions, self.end, lengths) - log_partition[:, None, None]

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the highest-scoring labels of each sequence, by the Viterbi algorithm (int64 B x T, 0 past the end).

        Among equal scores the lowest label wins.
        """
        batch, steps, _ = emissions.shape
        best = self.start + emissions[:, 0]
        stay = torch.arange(emissions.shape[2], device=emissions.device).expand(batch, -1)
        pointers = []
        for t in range(1, steps):
            reached, pointer = (best.unsqueeze(2) + self.transitions).max(dim=1)
            going = (t < lengths).unsqueeze(1)
            best = torch.where(going, reached + emissions[:, t], best)
            pointers.append(torch.where(going, pointer, stay))
        label = (best + self.end).argmax(dim=1)
        path = [label]
        for pointer in reversed(pointers):
            label = pointer.gather(1, label.unsqueeze(1)).squeeze(1)
            path.append(label)
        labels = torch.stack(path[::-1], dim=1)
        inside = torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)
        return torch.where(inside, labels, 0)
