"""The encoder of the captions: a network trained on ImageNet, without its last parts, as in the course.

It is frozen, so its features are computed once per picture, when the data set is made. Which network it is, the
weights tell by the names of their tensors: ResNet-18 as in the course, or SqueezeNet 1.1. Both return 512 channels.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models import resnet18, squeezenet1_1

from rework.errors import DataError
from rework.models.imagenet import DEVIATION, MEAN

CHANNELS = 512
_LAST_PARTS = ("fc.", "classifier.")


@dataclass(frozen=True)
class Family:
    """A network that can be the encoder.

    Attributes:
        title: its name for readers.
        tensor: a tensor that only its weights have.
        normalises: whether it has batch normalisation.
        build: returns the part that is used, freshly drawn, with the names of the whole network.
        side: returns the side of a picture, in pixels, that gives a grid of so many positions a side.
    """

    title: str
    tensor: str
    normalises: bool
    build: Callable[[], nn.Module]
    side: Callable[[int], int]


def _resnet() -> nn.Module:
    parts = dict(resnet18(weights=None).named_children())
    del parts["avgpool"], parts["fc"]
    network = nn.Sequential(OrderedDict(parts))
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 0.0  # what the network has kept stays, also where batch statistics are used
    return network


def _squeezenet() -> nn.Module:
    features: nn.Module = squeezenet1_1(weights=None).features
    return features


FAMILIES = (
    # 16 positions a side are 500 pixels, the size of the Sydney pictures, which are not resized then.
    Family("ResNet-18", "layer4.1.bn2.running_var", True, _resnet, lambda positions: 32 * positions - 12),
    Family(
        "SqueezeNet 1.1",
        "features.12.expand3x3.weight",
        False,
        _squeezenet,
        lambda positions: 16 * positions + 16,
    ),
)


class CaptionEncoder:
    """A pretrained network that turns pictures into grids of features.

    Args:
        weights: its tensors by name, as ``rework.formats.torch_weights`` reads them.
        where: the file, for messages.

    Raises:
        DataError: they are of none of ``FAMILIES``, not complete, or of a larger network.
    """

    def __init__(self, weights: Mapping[str, Tensor], where: str) -> None:
        self.family = _family(weights, where)
        self.network = self.family.build()
        prefix = "" if any(name in weights for name in self.network.state_dict()) else "features."
        own = {f"{prefix}{name}": name for name in self.network.state_dict()}
        # Files of older torch lack the counters of batch normalisation, which nothing here reads.
        missing = [name for name in own if name not in weights and not name.endswith("num_batches_tracked")]
        if missing:
            raise DataError(f"{where}: weights of {self.family.title} without {missing[0]}")
        # A deeper ResNet has all tensors of this one, in the same shapes.
        foreign = [name for name in weights if name not in own and not name.startswith(_LAST_PARTS)]
        if foreign:
            raise DataError(f"{where}: not weights of {self.family.title}, which has no {foreign[0]}")
        try:
            self.network.load_state_dict(
                {own[name]: tensor for name, tensor in weights.items() if name in own}, strict=False
            )
        except RuntimeError as error:
            reason = str(error).splitlines()[-1].strip()
            raise DataError(f"{where}: not weights of {self.family.title} ({reason})") from None
        self._mean, self._deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))

    def encode(self, pictures: Tensor, batch_statistics: bool) -> Tensor:
        """Return the features of pictures, float32 N x positions x 512, row by row of the grid.

        Args:
            pictures: bytes, N x 3 x H x W.
            batch_statistics: whether batch normalisation uses the mean and deviation of these pictures, as in training,
                in place of those that the network has kept. SqueezeNet has none, so that this changes nothing.
        """
        self.network.train(batch_statistics)
        with torch.inference_mode():
            grids: Tensor = self.network(pictures.float().div_(255).sub_(self._mean).div_(self._deviation))
        return grids.flatten(2).transpose(1, 2)


def _family(names: Collection[str], where: str) -> Family:
    for family in FAMILIES:
        if family.tensor in names:
            return family
    raise DataError(f"{where}: weights of none of {', '.join(family.title for family in FAMILIES)}")
