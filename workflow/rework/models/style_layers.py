"""The layers that stand for content and style (course-notes, 4.2), in VGG-19 and in a network that stands in for it.

The first layer of each stack of VGG-19 is for style, the second one of a stack for content. What counts is a layer
after its ReLU: the course keeps the output of the convolution, but the ReLU that follows works in place and changes it.

SqueezeNet 1.1 has no stacks of convolutions. In the part of ``conv<n>_1`` is the first layer at the n-th resolution,
in that of ``conv<n>_2`` the second. Its first resolution has one layer, which plays both parts, and there is no fifth:
the part of ``conv5_1`` has the first layer with the most channels. Its resolutions are half of VGG's.

This module does not import torch, because tables read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT_LAYERS = ("conv4_2", "conv3_2", "conv2_2", "conv1_2")


@dataclass(frozen=True)
class FeatureLayer:
    """A layer that plays a part.

    Attributes:
        name: its name for readers.
        output: the position, in torchvision's ``features`` of the network, of the module whose output counts.
        module: the position of the convolution or fire module itself.
    """

    name: str
    output: int
    module: int


@dataclass(frozen=True)
class FeatureNetwork:
    """A network as a source of features: its name for readers, and the layer that plays each part."""

    title: str
    layers: Mapping[str, FeatureLayer]


def _vgg(part: str, convolution: int) -> FeatureLayer:
    return FeatureLayer(part, convolution + 1, convolution)


def _fire(position: int) -> FeatureLayer:
    return FeatureLayer(f"fire module {position}", position, position)


_FIRST = FeatureLayer("convolution 0", 1, 0)

NETWORKS: Mapping[str, FeatureNetwork] = {
    "vgg-19": FeatureNetwork(
        "VGG-19",
        {
            part: _vgg(part, convolution)
            for part, convolution in {
                "conv1_1": 0,
                "conv1_2": 2,
                "conv2_1": 5,
                "conv2_2": 7,
                "conv3_1": 10,
                "conv3_2": 12,
                "conv4_1": 19,
                "conv4_2": 21,
                "conv5_1": 28,
            }.items()
        },
    ),
    "squeezenet-1-1": FeatureNetwork(
        "SqueezeNet 1.1",
        {
            "conv1_1": _FIRST,
            "conv1_2": _FIRST,
            "conv2_1": _fire(3),
            "conv2_2": _fire(4),
            "conv3_1": _fire(6),
            "conv3_2": _fire(7),
            "conv4_1": _fire(9),
            "conv4_2": _fire(10),
            "conv5_1": _fire(11),
        },
    ),
}
