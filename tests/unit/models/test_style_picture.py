"""The picture before a network, its Gram matrices, and the layers that play the parts of VGG-19's."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rework.formats.torch_weights import read_weights
from rework.models.building import build_model
from rework.models.description import describe_layers, parameter_count
from rework.models.gram import gram_matrix
from rework.models.style_layers import CONTENT_LAYERS, NETWORKS, STYLE_LAYERS
from rework.samples import vgg_19
from rework.settings.run import InitialSettings, ModelSettings
from rework.training.initial import load_initial
from safetensors.torch import save_file
from torch import nn
from torchvision.models import vgg19

# The course's layers: the positions of convolutions in VGG-19 (Style_Transfer_Solution.ipynb, cell 14).
OF_THE_COURSE = {"conv1_1": 0, "conv2_1": 5, "conv3_1": 10, "conv4_1": 19, "conv4_2": 21, "conv5_1": 28}


def a_picture(base, **parameters):
    torch.manual_seed(0)
    return build_model(ModelSettings("style-picture", {"base": base, "height": 48, "width": 64, **parameters}))


@given(channels=st.integers(1, 5), height=st.integers(1, 4), width=st.integers(1, 4), seed=st.integers(0, 99))
def test_a_gram_matrix_is_the_sum_over_positions_of_each_pair_of_maps(channels, height, width, seed):
    maps = np.random.default_rng(seed).normal(size=(channels, height, width)).astype(np.float32)
    expected = np.zeros((channels, channels))
    for one in range(channels):
        for other in range(channels):
            for row in range(height):
                for column in range(width):
                    expected[one, other] += float(maps[one, row, column]) * float(maps[other, row, column])
    np.testing.assert_allclose(gram_matrix(torch.tensor(maps)[None]), expected, rtol=1e-5, atol=1e-5)


def test_the_worked_example():
    maps = torch.tensor([[[1.0, 2.0], [0.0, 1.0]], [[3.0, 0.0], [1.0, 1.0]]])[None]
    assert gram_matrix(maps).tolist() == [[6.0, 4.0], [4.0, 11.0]]


def test_its_gradient_is_that_of_the_two_factors_also_for_losses_that_are_not_symmetric():
    maps = torch.randn(1, 4, 3, 5, generator=torch.Generator().manual_seed(2), requires_grad=True)
    factors = torch.randn(4, 4, generator=torch.Generator().manual_seed(3))
    (gram_matrix(maps) * factors).sum().backward()
    ours, maps.grad = maps.grad, None
    flat = maps.flatten(2)[0]
    ((flat @ flat.T) * factors).sum().backward()
    torch.testing.assert_close(ours, maps.grad)


def test_half_precision_around_it_does_not_change_it():
    maps = torch.randn(1, 8, 20, 20, generator=torch.Generator().manual_seed(2))
    with torch.autocast("cpu", torch.bfloat16):
        found = gram_matrix(maps)
    assert found.dtype == torch.float32
    assert torch.equal(found, gram_matrix(maps))


def test_the_layers_are_those_of_the_course():
    layers = NETWORKS["vgg-19"].layers
    assert {part: layers[part].module for part in OF_THE_COURSE} == OF_THE_COURSE
    assert set(layers) == {*STYLE_LAYERS, *CONTENT_LAYERS}
    assert all(set(network.layers) == set(layers) for network in NETWORKS.values())


@pytest.mark.parametrize("base", NETWORKS)
def test_the_positions_are_those_of_layers_after_their_relu(base):
    features = a_picture(base).features
    for layer in NETWORKS[base].layers.values():
        module, output = features[layer.module], features[layer.output]
        if isinstance(module, nn.Conv2d):
            assert isinstance(output, nn.ReLU)
            assert layer.output == layer.module + 1
        else:
            assert type(module).__name__ == "Fire", "which ends in ReLUs itself"
            assert layer.output == layer.module


@pytest.mark.parametrize("base", NETWORKS)
def test_the_first_layer_of_each_resolution_stands_for_style(base):
    """The second for content, as far as the network has one; each at its own height."""
    model = a_picture(base)
    heights = {}
    picture = torch.zeros(1, 3, 48, 64)
    for position, module in enumerate(model.features):
        picture = module(picture)
        heights[position] = picture.shape[2]
    parts = {part: heights[layer.output] for part, layer in NETWORKS[base].layers.items()}
    for number in (1, 2, 3, 4):
        assert parts[f"conv{number}_1"] == parts[f"conv{number}_2"]
    style = [parts[part] for part in STYLE_LAYERS]
    assert style == sorted(style, reverse=True)
    assert len(set(style)) == (5 if base == "vgg-19" else 4)


@pytest.mark.parametrize("base", NETWORKS)
@pytest.mark.parametrize("content", CONTENT_LAYERS)
def test_what_is_seen_are_the_outputs_of_hooks(base, content):
    model = a_picture(base, content=content)
    layers = NETWORKS[base].layers
    found = {}
    for part, layer in layers.items():
        model.features[layer.output].register_forward_hook(
            lambda _m, _i, out, part=part: found.update({part: out.clone()})
        )
    picture = torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))
    seen = model.seen(picture)
    model.features(picture)
    torch.testing.assert_close(seen[0], found[content])
    for part, gram in zip(STYLE_LAYERS, seen[1:], strict=True):
        flat = found[part].flatten(2)[0]
        torch.testing.assert_close(gram, flat @ flat.T)


def test_the_picture_is_the_only_parameter_that_is_trained():
    model = a_picture("squeezenet-1-1")
    assert parameter_count(model) == 3 * 48 * 64
    assert [name for name, one in model.named_parameters() if one.requires_grad] == ["picture.pixels"]


def test_it_can_be_described_without_an_input():
    layers = {layer.name: layer for layer in describe_layers(a_picture("vgg-19"))}
    assert layers["picture"].output_shape == (3, 48, 64)
    assert layers["features.0"].output_shape == (64, 48, 64)
    assert layers["features.28"].output_shape == (512, 3, 4)
    assert "features.34" not in layers, "nothing behind the last layer that counts is computed"


def test_vgg_is_loaded_from_torchvisions_format(tmp_path):
    """Random weights under the official names, with the last layer of the classifier, which is not read."""
    vgg_19.generate(tmp_path, 5, {})
    path = tmp_path / vgg_19.FILE
    content = torch.load(path, weights_only=True)
    with torch.device("meta"):
        official = vgg19(weights=None).state_dict()
    assert {name: one.shape for name, one in content.items()} == {
        name: one.shape for name, one in official.items() if name.startswith("features.")
    }
    torch.save({**content, "classifier.6.weight": torch.zeros(1000, 8)}, path)
    save_file(read_weights(path), tmp_path / "vgg.safetensors")
    model = a_picture("vgg-19")
    load_initial(model, InitialSettings("vgg-19", "features", frozen=True), tmp_path / "vgg.safetensors")
    with torch.device("meta"):
        network = vgg19(weights=None).features
    reference = network.to_empty(device="cpu")
    reference.load_state_dict({name.removeprefix("features."): one for name, one in content.items()})
    picture = torch.rand(1, 3, 48, 64)
    with torch.inference_mode():
        torch.testing.assert_close(model.seen(picture)[0], reference[:23](picture))
    assert parameter_count(model) == 3 * 48 * 64


def test_the_average_replaces_every_pooling_and_changes_no_shape():
    largest, average = (a_picture("squeezenet-1-1", pooling=pooling) for pooling in ("max", "average"))
    assert list(largest.state_dict()) == list(average.state_dict())
    assert not [one for one in average.features.modules() if isinstance(one, nn.MaxPool2d)]
    picture = torch.rand(1, 3, 48, 64)
    for one, other in zip(largest.features, average.features, strict=True):
        assert one(picture).shape == other(picture).shape
        if isinstance(one, nn.MaxPool2d):
            # Windows that reach beyond the edge are averaged over what is there.
            assert torch.allclose(other(torch.ones_like(picture)), torch.ones(()))
        picture = one(picture)
