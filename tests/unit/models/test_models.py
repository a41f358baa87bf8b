"""The model families against the architectures that the writeup prints."""

import inspect

import pytest
import torch
from rework.catalogue.hints import fits
from rework.catalogue.signatures import build_parameters
from rework.errors import ConfigError
from rework.models import cifar_cnn, fashion_cnn, feedforward, mnist_cnn, single_conv_cnn, squeezenet
from rework.models.building import build_model, input_shape
from rework.settings.run import ModelSettings
from torch import nn


def writeup_cnn(dropout):
    """Return the network of fashion-captions exercise 2.2 as one stack, in the order of its listing."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, stride=1, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(16, 32, 3, stride=1, padding=0), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten()),
        *(nn.Linear(1152, 600), nn.ReLU(), nn.Dropout(dropout), nn.Linear(600, 120), nn.ReLU(), nn.Linear(120, 10)),
        nn.LogSoftmax(dim=1),
    )


@pytest.mark.parametrize("training", [False, True])
def test_fashion_cnn_computes_what_the_listing_computes(training):
    model, reference = fashion_cnn.build(dropout=0.4).train(training), writeup_cnn(0.4).train(training)
    weights = zip(reference.state_dict(), model.state_dict().values(), strict=True)
    reference.load_state_dict(dict(weights))
    images = torch.rand(5, 1, 28, 28)
    torch.manual_seed(1)
    outputs = model(images)
    torch.manual_seed(1)
    torch.testing.assert_close(outputs, reference(images))
    torch.testing.assert_close(outputs.exp().sum(dim=1), torch.ones(5))


def test_fashion_cnn_has_the_layers_that_the_configuration_names():
    names = dict(fashion_cnn.build().named_modules())
    for block in ("block1", "block2"):
        for layer in ("convolution", "activation", "pooling"):
            assert f"{block}.{layer}" in names
    assert names["hidden.dropout"].p == 0.4


def test_dropout_drops_the_given_share_of_the_hidden_units():
    torch.manual_seed(0)
    kept = {}
    model = fashion_cnn.build(dropout=0.3)
    model.hidden.dropout.register_forward_hook(lambda _, inputs, output: kept.update(before=inputs[0], after=output))
    model(torch.rand(200, 1, 28, 28))
    alive = kept["before"] > 0
    assert float((kept["after"][alive] == 0).float().mean()) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (fashion_cnn.build, {}),
        (single_conv_cnn.build, {}),
        (single_conv_cnn.build, {"channels": 1, "size": 20, "filters": 3, "kernel_size": 3, "classes": 4}),
        (feedforward.build, {}),
        (feedforward.build, {"inputs": (3, 28, 28), "hidden": (100,)}),
        (feedforward.build, {"hidden": (30, 20), "dropout": 0.2, "classes": 3}),
        (feedforward.build, {"hidden": ()}),
        (mnist_cnn.build, {}),
        (mnist_cnn.build, {"kernel_size": 3, "filters": (64, 128), "start": "truncated-normal"}),
        (cifar_cnn.build, {"activation": "selu"}),
        (cifar_cnn.build, {"first_kernel": 5, "pooling": "average"}),
    ],
)
def test_models_take_their_input_shape_and_return_one_value_per_class(build, parameters):
    model = build(**parameters)
    assert model(torch.rand(2, *input_shape(model))).shape == (2, parameters.get("classes", 10))


def test_mnist_cnn_computes_what_the_listing_computes():
    model = mnist_cnn.build().eval()
    reference = nn.Sequential(
        *(nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten()),
        *(nn.Linear(64 * 7 * 7, 1024), nn.ReLU(), nn.Linear(1024, 10)),
    )
    reference.load_state_dict(dict(zip(reference.state_dict(), model.state_dict().values(), strict=True)))
    images = torch.rand(3, 1, 28, 28)
    torch.testing.assert_close(model(images), reference(images))


@pytest.mark.parametrize(("activation", "module"), [("relu", nn.ReLU), ("sigmoid", nn.Sigmoid), ("tanh", nn.Tanh)])
def test_feedforward_computes_affine_maps_with_its_activation_between_them(activation, module):
    model = feedforward.build(hidden=(20, 10), activation=activation)
    reference = nn.Sequential(
        *(nn.Flatten(), nn.Linear(784, 20), module(), nn.Linear(20, 10), module(), nn.Linear(10, 10))
    )
    reference.load_state_dict(dict(zip(reference.state_dict(), model.state_dict().values(), strict=True)))
    images = torch.rand(3, 1, 28, 28)
    torch.testing.assert_close(model(images), reference(images))


@pytest.mark.parametrize(
    ("parameters", "first", "activation", "pooling"),
    [
        ({}, 3, nn.ReLU, nn.MaxPool2d),
        ({"activation": "selu"}, 3, nn.SELU, nn.MaxPool2d),
        ({"first_kernel": 5, "pooling": "average"}, 5, nn.ReLU, nn.AvgPool2d),
    ],
)
def test_cifar_cnn_computes_what_the_listing_computes(parameters, first, activation, pooling):
    model = cifar_cnn.build(**parameters)
    reference = nn.Sequential(
        *(nn.Conv2d(3, 64, first), activation(), pooling(2)),
        *(nn.Conv2d(64, 128, 3), activation(), pooling(2)),
        *(nn.Conv2d(128, 256, 3), activation(), pooling(2), nn.Flatten()),
        *(nn.Linear(1024, 128), nn.ReLU(), nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 10)),
    )
    reference.load_state_dict(dict(zip(reference.state_dict(), model.state_dict().values(), strict=True)))
    images = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(model(images), reference(images))


@pytest.mark.parametrize(
    ("name", "family", "fixed", "parameter", "last", "first_wrong"),
    [
        ("cifar-cnn", cifar_cnn, {}, "first_kernel", 5, 6),
        ("squeezenet", squeezenet, {"classes": 3}, "size", 17, 16),
    ],
)
def test_a_limit_of_a_parameter_is_where_the_model_stops_working(name, family, fixed, parameter, last, first_wrong):
    hint = build_parameters(name)[parameter].annotation
    assert fits(last, hint)
    assert not fits(first_wrong, hint)

    def used(value):
        model = family.build(**fixed, **{parameter: value})
        return model(torch.rand(2, *input_shape(model)))

    assert used(last).shape[0] == 2
    with pytest.raises(RuntimeError):
        used(first_wrong)


def test_truncated_normal_start_is_that_of_the_writeups_code():
    torch.manual_seed(0)
    model = mnist_cnn.build(start="truncated-normal")
    weight = model.fc1.weight.detach()
    assert float(weight.abs().max()) <= 0.2
    # The standard deviation of a normal distribution cut off at two of its own is 0.8796 of it.
    assert float(weight.std()) == pytest.approx(0.08796, rel=0.01)
    assert all(bool((p == 0.1).all()) for name, p in model.named_parameters() if name.endswith("bias"))


@pytest.mark.parametrize("family", [fashion_cnn, single_conv_cnn, feedforward, mnist_cnn, cifar_cnn])
def test_build_takes_annotated_keywords_with_defaults(family):
    for parameter in inspect.signature(family.build).parameters.values():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.annotation is not inspect.Parameter.empty
        assert parameter.default is not inspect.Parameter.empty


def test_feedforward_is_an_affine_stack():
    model = feedforward.build(inputs=(1, 2, 2), hidden=(3,), classes=2)
    inputs = torch.rand(4, 1, 2, 2)
    hidden = torch.clamp(inputs.reshape(4, 4) @ model.hidden.affine1.weight.T + model.hidden.affine1.bias, min=0)
    torch.testing.assert_close(model(inputs), hidden @ model.output.weight.T + model.output.bias)


def test_build_model_passes_the_parameters_on():
    model = build_model(ModelSettings("feedforward", {"inputs": [1, 4, 4], "hidden": [5]}))
    assert input_shape(model) == (1, 4, 4)
    assert model.hidden.affine1.out_features == 5


SIGMOID = {"channels": 1, "size": 8, "filters": [2, 2], "kernels": [3, 3], "hidden": [4], "classes": 3}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("single-conv-cnn", {"size": 8, "kernel_size": 5, "pool_size": 4, "filters": 1}),
        ("sigmoid-cnn", SIGMOID),
        ("mnist-cnn", {"kernel_size": 1, "filters": [1, 1]}),
        ("feedforward", {"hidden": []}),
    ],
)
def test_the_smallest_models_work(name, parameters):
    model = build_model(ModelSettings(name, parameters)).eval()
    assert torch.isfinite(model(torch.rand(2, *input_shape(model)))).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ModelSettings("fashion-cmm"), r"no model family 'fashion-cmm'.*rework\.models\.fashion_cmm"),
        (ModelSettings("fashion-cnn", {"droput": 0.1}), "droput"),
        (ModelSettings("fashion-cnn", {"dropout": 1.5}), "dropout"),
        (ModelSettings("single-conv-cnn", {"size": 7, "kernel_size": 5}), "pictures of 7 pixels a side are too small"),
        (ModelSettings("sigmoid-cnn", SIGMOID | {"kernels": [3]}), "2 filters and 1 kernels; expected one of each"),
        (ModelSettings("sigmoid-cnn", SIGMOID | {"size": 7}), "too small for so many convolutions"),
    ],
)
def test_wrong_settings_name_what_is_wrong(settings, message):
    with pytest.raises(ConfigError, match=message):
        build_model(settings)
