"""Attention by matrices against attention by loops, and that both checks can fail."""

import math

import numpy as np
from rework.artefacts.fashion_captions.attention import attention_probabilities


def by_loops(inputs, query, key):
    """Softmax of the scores, entry by entry."""
    length, size = inputs.shape
    head = query.shape[1]
    queries = [[sum(inputs[i, n] * query[n, d] for n in range(size)) for d in range(head)] for i in range(length)]
    keys = [[sum(inputs[i, n] * key[n, d] for n in range(size)) for d in range(head)] for i in range(length)]
    rows = []
    for i in range(length):
        scores = [sum(queries[i][d] * keys[j][d] for d in range(head)) for j in range(length)]
        total = sum(math.exp(score) for score in scores)
        rows.append([math.exp(score) / total for score in scores])
    return np.array(rows)


def draw(seed=0, length=4, size=5, head=2):
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((length, size))
    query, key = generator.standard_normal((2, size, head))
    return inputs, query, key, generator


def test_matrices_and_loops_agree():
    inputs, query, key, _ = draw()
    found = attention_probabilities(inputs, query, key)
    np.testing.assert_allclose(found, by_loops(inputs, query, key), rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)


def test_a_batch_is_what_its_parts_are():
    parts = [draw(seed)[:3] for seed in range(3)]
    batch = attention_probabilities(*(np.stack(arrays) for arrays in zip(*parts, strict=True)))
    for one, part in zip(batch, parts, strict=True):
        np.testing.assert_allclose(one, attention_probabilities(*part), rtol=1e-12)


def test_heads_differ_where_the_change_of_the_key_is_wrong():
    inputs, query, key, generator = draw()
    change = generator.standard_normal((2, 2))
    first = attention_probabilities(inputs, query, key)
    right = attention_probabilities(inputs, query @ change, key @ np.linalg.inv(change).T)
    wrong = attention_probabilities(inputs, query @ change, key @ np.linalg.inv(change))
    assert np.abs(first - right).max() < 1e-10
    assert np.abs(first - wrong).max() > 1e-3


def test_a_wider_head_would_break_the_bound_on_the_rank():
    _, query, key, _ = draw(head=3)
    assert np.linalg.matrix_rank(query @ key.T) == 3 > 2
