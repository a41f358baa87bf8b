"""New classifiers on features of torchvision's networks, and the loading of DenseNet's weights in its own format."""

import pytest
import torch
from rework.formats.torch_weights import read_weights
from rework.models import transfer_network
from rework.models.description import parameter_count
from rework.samples import densenet_121
from rework.settings.run import InitialSettings
from rework.training.initial import load_initial
from safetensors.torch import save_file
from torch.nn import functional
from torchvision.models import densenet121, squeezenet1_1

FROZEN = InitialSettings("densenet-121", "features", frozen=True)


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """A file of random weights in the format of torchvision's own, and the network that has them."""
    folder = tmp_path_factory.mktemp("raw")
    densenet_121.generate(folder, 5, {})
    torch.manual_seed(5)
    return folder / densenet_121.FILE, densenet121(weights=None)


@pytest.fixture(scope="module")
def loaded(official, tmp_path_factory):
    """A network whose frozen features come from that file."""
    path = tmp_path_factory.mktemp("weights") / "densenet.safetensors"
    save_file(read_weights(official[0]), path)
    model = transfer_network.build(base="densenet-121", classes=17, size=32)
    load_initial(model, FROZEN, path)
    return model


def test_the_sample_has_the_names_of_the_official_file(official):
    names = list(torch.load(official[0], weights_only=True))
    assert "features.denseblock1.denselayer1.norm.1.running_mean" in names
    assert "features.denseblock4.denselayer16.conv.2.weight" in names
    assert "features.transition1.norm.weight" in names
    assert not [name for name in names if "num_batches_tracked" in name or ".norm1." in name]


def test_features_from_torchvisions_format_compute_what_torchvisions_network_computes(official, loaded):
    images = torch.rand(2, 3, 32, 32)
    reference = official[1].eval()
    reference.classifier = torch.nn.Identity()
    with torch.inference_mode():
        maps = functional.relu(loaded.eval().features(images)).mean(dim=(2, 3))
        torch.testing.assert_close(maps, reference(images))
        torch.testing.assert_close(loaded(images), loaded.classifier(maps))


def test_frozen_features_keep_their_statistics_and_only_the_classifier_has_dropout(loaded):
    before = {name: tensor.clone() for name, tensor in loaded.features.state_dict().items()}
    loaded.train()
    loaded(torch.rand(4, 3, 32, 32))
    assert loaded.classifier.training
    assert not any(module.training for module in loaded.features.modules())
    for name, tensor in loaded.features.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert parameter_count(loaded) == 1024 * 256 + 256 + 256 * 17 + 17


def test_features_that_are_trained_go_into_training_mode():
    model = transfer_network.build(base="squeezenet-1-1", classes=5, size=32)
    assert model.train().features.training
    assert not model.eval().features.training
    assert parameter_count(model) == sum(p.numel() for p in squeezenet1_1().features.parameters()) + 513 * 256 + 257 * 5


@pytest.mark.parametrize("base", ["densenet-121", "squeezenet-1-1"])
def test_the_least_size_gives_log_probabilities(base):
    model = transfer_network.build(base=base, classes=3, hidden=4, size=32).eval()
    with torch.inference_mode():
        torch.testing.assert_close(model(torch.rand(2, *model.input_shape)).exp().sum(dim=1), torch.ones(2))
