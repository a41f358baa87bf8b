"""A picture as the only thing that is trained, seen through a frozen network (course-notes, section 4).

Source: Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks. CVPR 2016.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import torch
from torch import Tensor, nn
from torchvision.models import squeezenet1_1, vgg19

from rework.models.gram import gram_matrix
from rework.models.style_layers import NETWORKS, STYLE_LAYERS
from rework.settings.ranges import Range

BUILDERS: dict[str, Callable[..., Any]] = {"vgg-19": vgg19, "squeezenet-1-1": squeezenet1_1}
"""torchvision's function for each network of ``NETWORKS``."""


class Canvas(nn.Module):
    """A picture to be optimised, 3 x height x width, normalised as the network expects; all zeros at first."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.pixels = nn.Parameter(torch.zeros(3, height, width))

    def forward(self) -> Tensor:
        """Return the picture as a batch of one, 1 x 3 x height x width."""
        return self.pixels.unsqueeze(0)


class StylePicture(nn.Module):
    """A picture, and what a frozen network sees in it: the maps of a content layer, and five Gram matrices for style.

    Args:
        features: the network without its classifier, with torchvision's names; its weights are frozen.
        outputs: the positions in it whose outputs count: of the content layer, then of the style layers.
        height: of the picture in pixels.
        width: of the picture in pixels.
    """

    def __init__(self, features: nn.Sequential, outputs: tuple[int, ...], height: int, width: int) -> None:
        super().__init__()
        self.input_shape = (3, height, width)
        self.picture = Canvas(height, width)
        self.features = features.requires_grad_(False)
        self.outputs = outputs

    def forward(self) -> tuple[Tensor, ...]:
        """Return what the network sees in the picture; see ``seen``."""
        return self.seen(self.picture())

    def seen(self, picture: Tensor) -> tuple[Tensor, ...]:
        """Return the maps of the content layer, 1 x C x H x W, and the Gram matrix of each style layer, C x C.

        Layers behind the last of them are not computed.
        """
        maps = self.maps(picture)
        content, *style = self.outputs
        return maps[content], *(gram_matrix(maps[position]) for position in style)

    def maps(self, picture: Tensor) -> dict[int, Tensor]:
        """Return the maps of all layers that count, by their positions in ``features``."""
        found = {}
        for position, layer in enumerate(self.features[: max(self.outputs) + 1]):
            picture = layer(picture)
            if position in self.outputs:
                found[position] = picture
        return found

    def example_arguments(self, example: Tensor) -> tuple[Tensor, ...]:
        """Return the arguments of a call: none, since the picture is its own."""
        del example
        return ()


def build(
    *,
    base: Literal["vgg-19", "squeezenet-1-1"],
    content: Literal["conv4_2", "conv3_2", "conv2_2", "conv1_2"] = "conv4_2",
    pooling: Literal["max", "average"] = "max",
    height: Annotated[int, Range(least=32, most=2048)] = 400,
    width: Annotated[int, Range(least=32, most=2048)] = 400,
) -> nn.Module:
    """Return a grey picture before the network ``base`` with freshly drawn weights.

    Its part ``features`` takes pretrained weights. ``content`` is the layer of VGG-19 for content, or names the part
    that a layer of another network plays (see ``rework.models.style_layers``). ``average`` replaces the poolings of the
    network, which take the largest value, as Gatys et al. recommend: gradients then reach all pixels and not a few. A
    smaller picture than 32 pixels would vanish in the poolings; a larger one than 2048 takes gigabytes.
    """
    layers = NETWORKS[base].layers
    outputs = tuple(layers[part].output for part in (content, *STYLE_LAYERS))
    features: nn.Sequential = BUILDERS[base](weights=None).features
    if pooling == "average":
        features = nn.Sequential(*map(_averaging, features))
    return StylePicture(features, outputs, height, width)


def _averaging(layer: nn.Module) -> nn.Module:
    """Return a layer, or for a pooling by the largest value one by the mean, with outputs of the same shape."""
    if not isinstance(layer, nn.MaxPool2d):
        return layer
    return nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
