"""The linear-chain CRF against brute force over all label sequences, and its gradients against finite differences."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.models.linear_chain import LinearChainCRF


def random_crf(labels, seed):
    generator = torch.Generator().manual_seed(seed)
    crf = LinearChainCRF(labels).double()
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return crf, generator


def brute_force(crf, emissions):
    """Scores of all label sequences of one word (T x K), by adding up term by term."""
    steps, labels = emissions.shape
    scores = {}
    for sequence in itertools.product(range(labels), repeat=steps):
        score = crf.start[sequence[0]] + crf.end[sequence[-1]]
        for t, label in enumerate(sequence):
            score = score + emissions[t, label]
            if t:
                score = score + crf.transitions[sequence[t - 1], label]
        scores[sequence] = score
    return scores


words = st.lists(st.integers(1, 5), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(lengths=words, labels=st.integers(2, 4), seed=st.integers(0, 1000))
def test_batched_words_agree_with_brute_force(lengths, labels, seed):
    crf, generator = random_crf(labels, seed)
    emissions = torch.randn(len(lengths), max(lengths), labels, generator=generator, dtype=torch.float64)
    targets = torch.randint(labels, emissions.shape[:2], generator=generator)
    sizes = torch.tensor(lengths)
    log_partition = crf.log_partition(emissions, sizes)
    loss = crf.negative_log_likelihood(emissions, targets, sizes)
    decoded = crf.decode(emissions, sizes)
    marginals = crf.log_marginals(emissions, sizes).exp()
    for row, length in enumerate(lengths):
        scores = brute_force(crf, emissions[row, :length])
        expected = torch.logsumexp(torch.stack(list(scores.values())), 0)
        torch.testing.assert_close(log_partition[row], expected)
        truth = tuple(targets[row, :length].tolist())
        torch.testing.assert_close(loss[row], expected - scores[truth])
        assert tuple(decoded[row, :length].tolist()) == max(scores, key=lambda sequence: scores[sequence].item())
        assert not decoded[row, length:].any()
        for t in range(length):
            for label in range(labels):
                through = [score for sequence, score in scores.items() if sequence[t] == label]
                share = (torch.logsumexp(torch.stack(through), 0) - expected).exp()
                torch.testing.assert_close(marginals[row, t, label], share)


def test_gradients_agree_with_finite_differences():
    crf, generator = random_crf(3, seed=5)
    emissions = torch.randn(3, 4, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(3, (3, 4), generator=generator)
    lengths = torch.tensor([4, 1, 3])

    def loss(emissions, transitions, start, end):
        weights = {"transitions": transitions, "start": start, "end": end}
        return torch.func.functional_call(_Loss(crf), {f"crf.{k}": v for k, v in weights.items()}, (emissions,))

    class _Loss(torch.nn.Module):
        def __init__(self, crf):
            super().__init__()
            self.crf = crf

        def forward(self, emissions):
            return self.crf.negative_log_likelihood(emissions, targets, lengths)

    inputs = (emissions, *(p.detach().clone().requires_grad_() for p in (crf.transitions, crf.start, crf.end)))
    assert torch.autograd.gradcheck(loss, inputs)


def test_marginals_of_one_letter_are_the_softmax():
    crf = LinearChainCRF(5).double()
    emissions = torch.randn(1, 1, 5, dtype=torch.float64, requires_grad=True)
    crf.log_partition(emissions, torch.tensor([1])).sum().backward()
    torch.testing.assert_close(emissions.grad, emissions.detach().softmax(2))


def test_values_past_the_end_change_nothing():
    crf, generator = random_crf(4, seed=2)
    emissions = torch.randn(1, 6, 4, generator=generator, dtype=torch.float64)
    other = emissions.clone()
    other[:, 3:] = 1e6
    targets = torch.randint(4, (1, 6), generator=generator)
    length = torch.tensor([3])
    expected = crf.negative_log_likelihood(emissions[:, :3], targets[:, :3], length)
    torch.testing.assert_close(crf.negative_log_likelihood(other, targets, length), expected)


def test_large_scores_do_not_overflow():
    crf = LinearChainCRF(3)
    emissions = torch.full((1, 10, 3), 1e4)
    assert crf.log_partition(emissions, torch.tensor([10])).item() == pytest.approx(1e5 + 10 * 1.0986123, rel=1e-6)
