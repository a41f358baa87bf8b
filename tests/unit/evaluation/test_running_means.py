"""The mean over all batches since the start, against a list of losses that is never emptied."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.running_means import running_means


def plotted(batches):
    """Return what a program plots that appends every batch to one list, and takes its mean after each epoch."""
    losses, points = [], []
    for epoch in batches:
        for loss in epoch:
            losses.append(loss)
        points.append(sum(losses) / len(losses))
    return points


@given(seed=st.integers(0, 1000), seeds=st.integers(1, 3), epochs=st.integers(1, 6), size=st.integers(1, 9))
def test_means_of_equal_epochs_give_what_such_a_program_plots(seed, seeds, epochs, size):
    batches = np.random.default_rng(seed).random((seeds, epochs, size))
    steps = np.tile(size * np.arange(1, epochs + 1), (seeds, 1))
    found = running_means(batches.mean(axis=2), steps)
    np.testing.assert_allclose(found, [plotted(one) for one in batches])


@given(seed=st.integers(0, 1000), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_epochs_of_other_lengths_count_for_their_batches(seed, sizes):
    generator = np.random.default_rng(seed)
    batches = [generator.random(size) for size in sizes]
    means = np.array([epoch.mean() for epoch in batches])
    np.testing.assert_allclose(running_means(means, np.cumsum(sizes)), plotted(batches))


def test_the_authors_last_point_by_hand():
    # 0.249 after 20 epochs is a last epoch of 0.109, if the mean of the 19 before was 0.2565.
    means = np.array([0.256535] * 19 + [0.10861])
    assert running_means(means, 652 * np.arange(1, 21))[-1].round(4) == 0.2491
