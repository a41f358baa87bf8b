"""The encoder of the captions: the right part of the right network, which weights of others are not taken for."""

import pytest
import torch
from rework.errors import DataError
from rework.models.caption_encoder import FAMILIES, CaptionEncoder
from torchvision.models import resnet18, squeezenet1_0, squeezenet1_1

RESNET, SQUEEZENET = FAMILIES


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(1)
    return {name: tensor for name, tensor in resnet18().state_dict().items() if "num_batches" not in name}


@pytest.fixture(scope="module")
def squeezenet():
    torch.manual_seed(1)
    return squeezenet1_1().state_dict()


def positions(family, side):
    """Return how many positions a side remain of a picture, layer by layer."""
    if family is RESNET:
        # The first convolution, the pooling, and the first convolutions of three of the four stages.
        for kernel, padding in ((7, 3), (3, 1), (3, 1), (3, 1), (3, 1)):
            side = (side + 2 * padding - kernel) // 2 + 1
        return side
    side = (side - 3) // 2 + 1
    for _ in range(3):
        side = -(-(side - 3) // 2) + 1
    return side


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.title)
def test_the_side_of_a_picture_gives_the_grid(family):
    assert [positions(family, family.side(grid)) for grid in range(1, 101)] == list(range(1, 101))


def test_the_sides_of_the_course_and_of_its_substitute():
    assert RESNET.side(16) == 500
    assert SQUEEZENET.side(16) == 272


def pictures(count, side):
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.manual_seed(2))


def test_features_of_a_picture_do_not_depend_on_the_others_unless_asked(resnet):
    encoder = CaptionEncoder(resnet, "w")
    several = pictures(3, RESNET.side(2))
    alone = encoder.encode(several[:1], False)
    assert alone.shape == (1, 4, 512)
    assert alone.dtype == torch.float32
    torch.testing.assert_close(encoder.encode(several, False)[:1], alone, rtol=1e-4, atol=1e-5)
    batched = encoder.encode(several, True)
    assert (batched[:1] - alone).abs().max() > 0.1
    assert (encoder.encode(several[:2], True)[:1] - batched[:1]).abs().max() > 0.1
    assert torch.equal(encoder.encode(several, True), batched)
    # What the network has kept is as before, though it was in training mode.
    assert torch.equal(encoder.encode(several[:1], False), alone)


def test_rows_of_the_grid_follow_each_other(squeezenet):
    encoder = CaptionEncoder(squeezenet, "w")
    given = pictures(1, SQUEEZENET.side(3))
    changed = given.clone()
    changed[:, :, :8, -8:] = 255 - changed[:, :, :8, -8:]  # the right end of the top row
    difference = (encoder.encode(given, False) - encoder.encode(changed, False)).abs().sum(2).view(3, 3)
    assert difference.flatten().argmax() == 2


def test_weights_without_the_name_of_the_part_and_without_the_last_one_are_read(squeezenet, resnet):
    given = pictures(1, SQUEEZENET.side(1))
    part = {k.removeprefix("features."): v for k, v in squeezenet.items() if k.startswith("features.")}
    without = {name: tensor for name, tensor in squeezenet.items() if name in {f"features.{key}" for key in part}}
    expected = CaptionEncoder(squeezenet, "w").encode(given, False)
    assert torch.equal(CaptionEncoder(without, "w").encode(given, False), expected)
    headless = {name: tensor for name, tensor in resnet.items() if not name.startswith("fc.")}
    assert CaptionEncoder(headless, "w").family is RESNET


def refusal(weights):
    with pytest.raises(DataError) as refused:
        CaptionEncoder(weights, "w.pth")
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_weights_of_other_networks_are_named(resnet, squeezenet):
    # A ResNet-34 has every tensor of a ResNet-18 in the same shape, and more blocks.
    deeper = {**resnet, "layer1.2.conv1.weight": resnet["layer1.1.conv1.weight"]}
    assert refusal(deeper) == "w.pth: not weights of ResNet-18, which has no layer1.2.conv1.weight"
    wider = {**resnet, "layer1.0.conv1.weight": torch.zeros(128, 64, 3, 3)}
    assert refusal(wider).startswith("w.pth: not weights of ResNet-18 (size mismatch for layer1.0.conv1.weight")
    missing = {name: tensor for name, tensor in resnet.items() if name != "layer2.0.bn1.running_mean"}
    assert refusal(missing) == "w.pth: weights of ResNet-18 without layer2.0.bn1.running_mean"
    older = squeezenet1_0().state_dict()
    assert refusal(older) == "w.pth: weights of SqueezeNet 1.1 without features.6.squeeze.weight"
    assert refusal({"conv1.weight": torch.zeros(1)}) == "w.pth: weights of none of ResNet-18, SqueezeNet 1.1"
    assert refusal({}) == "w.pth: weights of none of ResNet-18, SqueezeNet 1.1"
    assert refusal({**squeezenet, "head.bias": torch.zeros(1)}).endswith("which has no head.bias")
