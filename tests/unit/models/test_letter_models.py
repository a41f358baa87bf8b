"""The letter models of ocr: sizes by hand, and words in a batch against words one by one."""

import pytest
import torch
from rework.models import letter_bilstm, letter_cnn


@pytest.mark.parametrize("convolutions", [2, 3, 4, 5])
def test_depth_adds_layers_that_keep_the_size(convolutions):
    model = letter_cnn.build(convolutions=convolutions)
    first, middle, last = 16 * 25 + 16, 16 * 16 * 25 + 16, 32 * 16 * 49 + 32
    output = 256 * 26 + 26
    expected = first + (convolutions - 2) * middle + last + output
    assert sum(parameter.numel() for parameter in model.parameters()) == expected
    assert model(torch.zeros(3, *model.input_shape)).shape == (3, 26)


def test_fewer_than_two_convolutions_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        letter_cnn.build(convolutions=1)


def words(lengths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(sum(lengths), 1, 16, 8, generator=generator).round()
    labels = torch.randint(26, (sum(lengths),), generator=generator)
    return images, labels, torch.tensor(lengths)


@pytest.mark.parametrize("convolution", [False, True])
@pytest.mark.parametrize("crf", [False, True])
def test_a_batch_of_words_is_what_the_words_are_alone(convolution, crf):
    torch.manual_seed(0)
    model = letter_bilstm.build(convolution=convolution, crf=crf, hidden=16)
    if crf:
        torch.nn.init.normal_(model.crf.transitions)
    images, labels, lengths = words([3, 1, 8, 5])
    pieces = list(zip(images.split(lengths.tolist()), labels.split(lengths.tolist()), lengths.split(1), strict=True))
    emissions = model(images, lengths)
    alone = torch.cat([model(image, length) for image, _, length in pieces])
    torch.testing.assert_close(emissions, alone)
    losses = [model.loss(model(image, length), label, length) * len(label) for image, label, length in pieces]
    torch.testing.assert_close(model.loss(emissions, labels, lengths), torch.stack(losses).sum() / len(labels))
    decoded = torch.cat([model.decode(model(image, length), length) for image, _, length in pieces])
    assert torch.equal(model.decode(emissions, lengths), decoded)


def test_without_transitions_the_crf_is_the_softmax():
    torch.manual_seed(0)
    model = letter_bilstm.build(crf=True, hidden=16)
    images, labels, lengths = words([4, 2])
    emissions = model(images, lengths)
    torch.testing.assert_close(
        model.loss(emissions, labels, lengths), torch.nn.functional.cross_entropy(emissions, labels)
    )


def test_the_direction_of_reading_matters():
    torch.manual_seed(0)
    model = letter_bilstm.build(hidden=16)
    images, _, lengths = words([6])
    assert not torch.allclose(model(images, lengths), model(images.flip(0), lengths).flip(0))
