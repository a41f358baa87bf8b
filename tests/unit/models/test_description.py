"""Descriptions are taken from the module; the expected numbers are worked out by hand in the writeup and here."""

import argparse
import json

import torch
from rework.models import fashion_cnn, feedforward, single_conv_cnn
from rework.models.building import example_arguments
from rework.models.description import describe_layers, parameter_count
from rework.paths import model_description
from rework.steps import describe
from tiny_runs import read_json
from torch import nn


def described(model):
    return {layer.name: layer for layer in describe_layers(model)}


def test_single_convolution_network():
    model = single_conv_cnn.build()
    layers = described(model)
    assert {name: layer.parameters for name, layer in layers.items()} == {
        "convolution": 608,
        "pooling": 0,
        "output": 9690,
    }
    assert parameter_count(model) == 10298
    assert layers["convolution"].input_shape == (3, 28, 28)
    assert layers["convolution"].output_shape == (8, 24, 24)
    assert layers["pooling"].output_shape == (8, 11, 11)
    assert layers["output"].input_shape == (8 * 11 * 11,)
    assert layers["convolution"].detail == "5×5, stride 1, padding 0"
    assert layers["pooling"].detail == "4×4, stride 2, padding 0"
    assert layers["output"].detail == "968 → 10"
    weight, bias = layers["convolution"].tensors
    assert (weight.name, weight.shape, weight.count) == ("weight", (8, 3, 5, 5), 600)
    assert (bias.name, bias.shape, bias.count) == ("bias", (8,), 8)


def test_feedforward_network():
    model = feedforward.build(inputs=(3, 28, 28), hidden=(100,))
    layers = described(model)
    assert [layers[name].parameters for name in ("hidden.affine1", "output")] == [235300, 1010]
    assert parameter_count(model) == 236310


def test_fashion_cnn_in_the_order_of_its_layers():
    layers = described(fashion_cnn.build())
    shapes = [(layer.type, layer.output_shape) for layer in layers.values()]
    assert shapes == [
        *(("Conv2d", (16, 28, 28)), ("ReLU", (16, 28, 28)), ("MaxPool2d", (16, 14, 14))),
        *(("Conv2d", (32, 12, 12)), ("ReLU", (32, 12, 12)), ("MaxPool2d", (32, 6, 6))),
        *(("Linear", (600,)), ("ReLU", (600,)), ("Dropout", (600,)), ("Linear", (120,)), ("ReLU", (120,))),
        *(("Linear", (10,)), ("LogSoftmax", (10,))),
    ]
    assert layers["hidden.dropout"].detail == "p = 0.4"


def test_describing_leaves_no_trace():
    model = fashion_cnn.build()
    model.train()
    before = torch.get_rng_state()
    describe_layers(model)
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_a_shared_weight_counts_once():
    model = feedforward.build(inputs=(1, 2, 2), hidden=(4, 4))
    model.hidden.affine2.weight = model.hidden.affine1.weight
    assert parameter_count(model) == 4 * 4 + 4 + 4 + (4 * 10 + 10)


def test_the_step_writes_what_the_module_says(tmp_path):
    parser = argparse.ArgumentParser()
    parser.set_defaults(step="describe")
    describe.add_arguments(parser)
    value = {"writeup": "w", "name": "m", "model": {"name": "single-conv-cnn", "parameters": {"filters": 4}}}
    describe.main(parser.parse_args(["--settings", json.dumps(value), "--results", str(tmp_path)]))
    written = read_json(model_description(tmp_path, "w", "m"))
    assert written["model"] == value["model"]
    assert written["input_shape"] == [3, 28, 28]
    assert written["layers"][0]["parameters"] == 4 * (5 * 5 * 3 + 1)
    assert written["parameters"] == sum(layer["parameters"] for layer in written["layers"])
    assert written["provenance"]["step"] == "describe"


class Picture(nn.Module):
    """A model without inputs: what it returns is its parameter."""

    input_shape = ()

    def __init__(self):
        super().__init__()
        self.pixels = nn.Parameter(torch.zeros(1, 3, 4, 5))

    def example_arguments(self, _example):
        return ()

    def forward(self):
        return self.pixels


def test_a_model_may_say_what_it_is_called_with():
    model = Picture()
    assert example_arguments(model) == ()
    (layer,) = describe_layers(model)
    assert (layer.input_shape, layer.output_shape, layer.parameters) == ((), (3, 4, 5), 60)
