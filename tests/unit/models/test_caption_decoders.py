"""The caption decoders against references in plain tensors, word by word, as the formulas have them."""

import pytest
import torch
from rework.errors import ConfigError
from rework.models import caption_attention, caption_joined_scores, caption_lstm
from rework.models.building import build_model, input_shape
from rework.models.captions import State
from rework.models.description import parameter_count
from rework.settings.run import ModelSettings
from torch import nn

FAMILIES = {
    "caption-lstm": caption_lstm,
    "caption-joined-scores": caption_joined_scores,
    "caption-attention": caption_attention,
}
VOCABULARY, GRID = 11, 3
SIZES = {"vocabulary": VOCABULARY, "grid": GRID, "embedding": 5, "hidden": 4}


def a_decoder(name, **changes):
    """Return a decoder in double precision and evaluation mode, with weights large enough to matter."""
    torch.manual_seed(7)
    attention = {} if name == "caption-lstm" else {"attention": 6}
    model = FAMILIES[name].build(**{**SIZES, **attention, **changes}).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) / parameter.shape[-1] ** 0.5)
    return model


def draw(batch, steps, positions=GRID**2):
    generator = torch.Generator().manual_seed(5)
    features = torch.randn(batch, positions, 512, dtype=torch.float64, generator=generator)
    return features, torch.randint(0, VOCABULARY, (batch, steps), generator=generator)


# What the LSTM reads of the picture beside the word, for one example; w are the tensors of the decoder by name.


def nothing(_w, _features, hidden):
    return hidden.new_zeros(0)


def listed_attention(w, encoder_out, decoder_hidden):
    """As ``Attention.forward`` of the writeup, for one example."""
    rows = []
    for place in encoder_out:  # encoder_att
        rows.append(w["encoder_projection.weight"] @ place + w["encoder_projection.bias"])
    decoder = w["decoder_projection.weight"] @ decoder_hidden + w["decoder_projection.bias"]
    for _ in encoder_out:  # repeat(1, 256, 1), and cat along the dimension of the rows
        rows.append(decoder)
    scores = []
    for row in rows:  # full_att after the ReLU
        positive = torch.where(row > 0, row, torch.zeros_like(row))
        scores.append((w["score.weight"][0] * positive).sum() + w["score.bias"][0])
    powers = [score.exp() for score in scores]
    return torch.stack([power / sum(powers) for power in powers])


def additive_weights(w, features, hidden):
    """Bahdanau's weights with a ReLU, one position after another."""
    decoder = w["decoder_projection.weight"] @ hidden + w["decoder_projection.bias"]
    energies = []
    for place in features:
        joined = w["encoder_projection.weight"] @ place + w["encoder_projection.bias"] + decoder
        positive = torch.where(joined > 0, joined, torch.zeros_like(joined))
        energies.append((w["score.weight"][0] * positive).sum() + w["score.bias"][0])
    powers = [energy.exp() for energy in energies]
    return torch.stack([power / sum(powers) for power in powers])


def weighted_feature(w, features, hidden):
    return sum(weight * place for weight, place in zip(additive_weights(w, features, hidden), features, strict=True))


LOOKS = {"caption-lstm": nothing, "caption-joined-scores": listed_attention, "caption-attention": weighted_feature}


def reference(name, model, features, words, kept=1.0):
    """Return the scores of each next word; ``kept`` multiplies what dropout acts on."""
    w = dict(model.named_parameters())
    every = []
    for picture, sentence in zip(features, words.tolist(), strict=True):
        mean = sum(picture) / len(picture)
        hidden = w["start_hidden.weight"] @ mean + w["start_hidden.bias"]
        cell = w["start_cell.weight"] @ mean + w["start_cell.bias"]
        scores = []
        for word in sentence:
            read = torch.cat([kept * w["embedding.weight"][word], LOOKS[name](w, picture, hidden)])
            gates = w["lstm.weight_ih"] @ read + w["lstm.bias_ih"] + w["lstm.weight_hh"] @ hidden + w["lstm.bias_hh"]
            enter, forget, candidate, leave = gates.view(4, -1)
            cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(candidate)
            hidden = torch.sigmoid(leave) * torch.tanh(cell)
            scores.append(w["output.weight"] @ (kept * hidden) + w["output.bias"])
        every.append(torch.stack(scores))
    return torch.stack(every)


def by_steps(model, features, words):
    """Return the scores of the same sentences read by ``step``."""
    state, projected = model.start(features), model.project(features)
    scores = []
    for column in words.t():
        found, _, state = model.step(column, projected, features, state)
        scores.append(found)
    return torch.stack(scores, dim=1)


@pytest.mark.parametrize("name", FAMILIES)
def test_scores_and_gradients_are_those_of_the_formulas(name):
    model = a_decoder(name)
    features, words = draw(3, 6)
    factors = torch.randn(3, 6, VOCABULARY, dtype=torch.float64, generator=torch.Generator().manual_seed(8))
    names, parameters = zip(*model.named_parameters(), strict=True)
    results = []
    for scores in (model(features, words), by_steps(model, features, words), reference(name, model, features, words)):
        assert scores.shape == (3, 6, VOCABULARY)
        results.append((scores.detach(), torch.autograd.grad((scores.sin() * factors).sum(), parameters)))
    for scores, gradients in results[:2]:
        torch.testing.assert_close(scores, results[2][0])
        for parameter, mine, theirs in zip(names, gradients, results[2][1], strict=True):
            torch.testing.assert_close(mine, theirs, msg=parameter)
            if parameter != "score.bias":  # a softmax does not change with it
                assert theirs.any(), parameter


class Halved(nn.Module):
    """Halves in the place of dropout, so that it can be told where dropout is."""

    def forward(self, given):
        return given / 2


@pytest.mark.parametrize("name", FAMILIES)
def test_dropout_is_on_the_embedding_and_before_the_output_and_not_on_the_carried_state(name):
    model = a_decoder(name)
    model.dropout = Halved()
    features, words = draw(2, 5)
    expected = reference(name, model, features, words, kept=0.5)
    torch.testing.assert_close(model(features, words), expected)
    torch.testing.assert_close(by_steps(model, features, words), expected)


@pytest.mark.parametrize("name", FAMILIES)
def test_dropout_is_drawn_anew_for_each_word_and_only_in_training(name):
    model = a_decoder(name, dropout=0.4)
    features, words = draw(1, 30)
    assert torch.equal(model(features, words), model(features, words))
    model.train()
    assert not torch.equal(model(features, words), model(features, words))
    dropped = []
    model.dropout.register_forward_hook(lambda _module, _given, result: dropped.append(result == 0))
    model(features, words)
    embedded, before_output = dropped
    assert embedded.shape == (1, 30, SIZES["embedding"])
    assert before_output.shape == (1, 30, SIZES["hidden"])
    for zeros in dropped:
        assert 0.2 < zeros.double().mean() < 0.6
        assert len(zeros[0].unique(dim=0)) > 5, "not one mask for all words"
    with pytest.raises(ConfigError, match="dropout"):
        build_model(ModelSettings(name, {**SIZES, "dropout": 1.5}))


def test_the_listing_hands_512_scores_to_the_lstm_of_which_half_are_equal():
    """With the sizes of the course: 8 pictures, 256 positions of 512 channels, 100 and 256 units."""
    torch.manual_seed(1)
    model = caption_joined_scores.build(vocabulary=20)
    features = torch.randn(8, 256, 512)
    state = State(torch.randn(8, 256), torch.randn(8, 256))
    w = dict(model.named_parameters())
    with torch.no_grad():
        seen, attention = model.look(model.project(features), features, state)
        encoder = features @ w["encoder_projection.weight"].t() + w["encoder_projection.bias"]
        decoder = (state.hidden @ w["decoder_projection.weight"].t() + w["decoder_projection.bias"]).unsqueeze(1)
        joined = torch.cat((encoder, decoder.repeat(1, 256, 1)), dim=1).clamp(min=0)
        powers = ((joined * w["score.weight"]).sum(2) + w["score.bias"]).exp()
    assert joined.shape == (8, 512, 100)
    assert seen.shape == (8, 512), "the comment in the listing: should be 8,512"
    assert attention.shape == (8, 0)
    torch.testing.assert_close(seen, powers / powers.sum(1, keepdim=True), rtol=1e-4, atol=1e-7)
    torch.testing.assert_close(seen.sum(dim=1), torch.ones(8))
    assert (seen[:, 256:] == seen[:, 256:257]).all()
    assert len(seen[0, :256].unique()) > 250
    assert model.lstm.weight_ih.shape == (4 * 256, 100 + 512)


def test_additive_attention_is_a_weighted_mean_of_the_features():
    model = a_decoder("caption-attention")
    features, _ = draw(4, 1)
    state = State(torch.randn(4, 4, dtype=torch.float64), torch.randn(4, 4, dtype=torch.float64))
    with torch.no_grad():
        seen, attention = model.look(model.project(features), features, state)
        w = dict(model.named_parameters())
        for picture, hidden, weights, feature in zip(features, state.hidden, attention, seen, strict=True):
            torch.testing.assert_close(weights, additive_weights(w, picture, hidden))
            torch.testing.assert_close(feature, weighted_feature(w, picture, hidden))
    assert attention.shape == (4, GRID**2)
    assert (attention > 0).all()
    torch.testing.assert_close(attention.sum(dim=1), torch.ones(4, dtype=torch.float64))
    mixed = features.flip(1)
    with torch.no_grad():
        same, turned = model.look(model.project(mixed), mixed, state)
    torch.testing.assert_close(turned, attention.flip(1))
    torch.testing.assert_close(same, seen)


def test_without_attention_nothing_of_the_picture_is_read_after_the_start():
    model = a_decoder("caption-lstm")
    features, _ = draw(4, 1)
    seen, attention = model.look(model.project(features), features, model.start(features))
    assert seen.shape == attention.shape == (4, 0)


@pytest.mark.parametrize("name", FAMILIES)
def test_embedding_and_output_start_uniform_and_the_output_without_bias(name):
    torch.manual_seed(2)
    model = FAMILIES[name].build(vocabulary=190)
    for weight in (model.embedding.weight, model.output.weight):
        assert weight.min() < -0.0995
        assert weight.max() > 0.0995
        assert weight.abs().max() <= 0.1
        assert float(weight.detach().std()) == pytest.approx(0.2 / 12**0.5, rel=0.02)
    assert not model.output.bias.any()
    assert model.dropout.p == 0.5
    assert model.lstm.weight_hh.abs().max() <= 256**-0.5, "as torch draws it"


@pytest.mark.parametrize(
    ("name", "seen", "attention"),
    [
        ("caption-lstm", 0, 0),
        ("caption-joined-scores", 512, 512 * 100 + 100 + 256 * 100 + 100 + 100 + 1),
        ("caption-attention", 512, 512 * 100 + 100 + 256 * 100 + 100 + 100 + 1),
    ],
)
def test_the_numbers_of_parameters_are_those_of_the_sizes_of_the_course(name, seen, attention):
    model = FAMILIES[name].build(vocabulary=190)
    assert input_shape(model) == (256, 512)
    start, embedding, output = 2 * (512 * 256 + 256), 190 * 100, 256 * 190 + 190
    lstm = 4 * 256 * (100 + seen + 256 + 2)
    assert parameter_count(model) == start + embedding + lstm + output + attention


@pytest.mark.parametrize("name", FAMILIES)
def test_the_vocabulary_is_that_of_the_data_set_unless_another_is_named(name):
    assert build_model(ModelSettings(name), ["word"] * 9).vocabulary == 9
    assert build_model(ModelSettings(name, {"vocabulary": 7}), ["word"] * 9).vocabulary == 7
    assert build_model(ModelSettings(name, {"vocabulary": 7})).vocabulary == 7
    with pytest.raises(ConfigError, match=f"model '{name}' .*vocabulary: expected the number of words"):
        build_model(ModelSettings(name))


def test_families_without_a_vocabulary_are_built_as_before():
    build_model(ModelSettings("feedforward"), ["class"] * 3)


@pytest.mark.parametrize("name", FAMILIES)
def test_bfloat16_goes_forward_and_back(name):
    """What autocast computes in half precision must have gradients of the type of the weights."""
    model = a_decoder(name).float()
    features, words = draw(2, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = model(features.float(), words)
    scores.float().square().sum().backward()
    found = {key: parameter.grad for key, parameter in model.named_parameters()}
    model.zero_grad()
    model(features.float(), words).square().sum().backward()
    for key, parameter in model.named_parameters():
        assert found[key].dtype == torch.float32, key
        if key != "score.bias":
            error = (found[key] - parameter.grad).norm() / parameter.grad.norm()
            assert error < 0.1, key
