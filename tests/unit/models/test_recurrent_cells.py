"""The recurrent cells: our peephole LSTM beside torch's LSTM and a computation by hand, and what the networks read."""

import numpy as np
import pytest
import torch
from rework.errors import ConfigError
from rework.models.building import build_model
from rework.models.recurrent_cells import CELLS, PeepholeLSTM
from rework.settings.run import ModelSettings
from torch import nn

INPUTS, HIDDEN = 3, 5


@pytest.fixture
def events():
    return torch.randn(4, 7, INPUTS, generator=torch.Generator().manual_seed(1))


def test_without_peepholes_it_is_the_lstm_of_torch(events):
    torch.manual_seed(0)
    ours, theirs = PeepholeLSTM(INPUTS, HIDDEN), nn.LSTM(INPUTS, HIDDEN, batch_first=True)
    with torch.no_grad():
        ours.peepholes.zero_()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(theirs, f"{name}_l0").copy_(getattr(ours, name))
    found, (short, long) = ours(events)
    expected, (hidden, cell) = theirs(events)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(short, hidden[0])
    torch.testing.assert_close(long, cell[0])
    found.square().sum().backward()
    expected.square().sum().backward()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        torch.testing.assert_close(getattr(ours, name).grad, getattr(theirs, f"{name}_l0").grad)


def test_with_peepholes_it_is_what_the_formulas_say(events):
    """One step after the other in numpy, each gate by itself."""
    torch.manual_seed(0)
    cell = PeepholeLSTM(INPUTS, HIDDEN).double()
    found, _ = cell(events.double())
    tensors = {name: tensor.detach().numpy() for name, tensor in cell.named_parameters()}
    biases = tensors["bias_ih"] + tensors["bias_hh"]

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    for row, sequence in enumerate(events.double().numpy()):
        short, long = np.zeros(HIDDEN), np.zeros(HIDDEN)
        for step, event in enumerate(sequence):
            sums = tensors["weight_ih"] @ event + tensors["weight_hh"] @ short + biases
            let, forget, learn, use = sums.reshape(4, HIDDEN)
            peep_let, peep_forget, peep_use = tensors["peepholes"]
            forget_gate = sigmoid(forget + peep_forget * long)
            learn_gate = sigmoid(let + peep_let * long) * np.tanh(learn)
            long = forget_gate * long + learn_gate
            short = sigmoid(use + peep_use * long) * np.tanh(long)
            np.testing.assert_allclose(found[row, step].detach().numpy(), short, rtol=1e-12)


def test_gradients_are_those_of_small_differences():
    torch.manual_seed(0)
    cell = PeepholeLSTM(2, 3).double()
    events = torch.randn(2, 4, 2, dtype=torch.double, requires_grad=True)
    names = [name for name, _ in cell.named_parameters()]

    def outputs(read, *tensors):
        return torch.func.functional_call(cell, dict(zip(names, tensors, strict=True)), (read,))[0]

    assert torch.autograd.gradcheck(outputs, (events, *cell.parameters()))


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_reads_and_returns_the_same_shapes(name, events):
    outputs, _ = CELLS[name](INPUTS, HIDDEN)(events)
    assert outputs.shape == (4, 7, HIDDEN)


@pytest.mark.parametrize("name", CELLS)
def test_the_recall_network_reads_symbols_with_a_mark(name):
    torch.manual_seed(0)
    model = build_model(ModelSettings("recall-network", {"cell": name, "hidden": HIDDEN}), "abcd")
    sequences = torch.tensor([[1, 7, 0], [2, 2, 4]], dtype=torch.uint8)
    written = torch.zeros(2, 3, 5)
    for row, sequence in enumerate(([1, 3, 0], [2, 2, 0])):
        for step, symbol in enumerate(sequence):
            written[row, step, symbol] = 1
    written[0, 1, 4] = written[1, 2, 4] = 1
    expected = model.output(model.cell(written)[0][:, -1])
    torch.testing.assert_close(model(sequences), expected)


def test_the_language_model_reads_one_hot_characters_and_goes_on():
    torch.manual_seed(0)
    model = build_model(ModelSettings("char-lstm", {"hidden": 6, "layers": 2}), "abcde").eval()
    characters = torch.tensor([[0, 4, 2, 2], [3, 1, 0, 4]])
    whole, *_ = model(characters, *model.start(2))
    first, *states = model(characters[:, :3], *model.start(2))
    last, *_ = model(characters[:, 3:], *states)
    torch.testing.assert_close(torch.cat([first, last], dim=1), whole)
    written = torch.zeros(2, 4, 5)
    for row in range(2):
        for step in range(4):
            written[row, step, characters[row, step]] = 1
    torch.testing.assert_close(model.output(model.lstm(written)[0]), whole)


def test_dropout_is_between_layers_and_before_the_output():
    model = build_model(ModelSettings("char-lstm", {"hidden": 6, "layers": 2, "dropout": 0.25}), "ab")
    assert (model.lstm.dropout, model.dropout.p) == (0.25, 0.25)


@pytest.mark.parametrize("name", ["recall-network", "char-lstm"])
def test_a_network_without_a_data_set_is_refused(name):
    parameters = {"cell": "rnn"} if name == "recall-network" else {}
    with pytest.raises(ConfigError, match="no data set gives"):
        build_model(ModelSettings(name, parameters))
