"""SqueezeNet 1.1 for pictures of any size, to be fine-tuned (nist36, Q6.2).

Source: Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, arXiv:1602.07360, 2016.
"""

from typing import Annotated

from torch import nn
from torchvision.models import squeezenet1_1

from rework.settings.ranges import Range, Units


def build(*, classes: Units, size: Annotated[int, Range(least=17, most=4096)] = 224) -> nn.Module:
    """Return the network with freshly drawn weights, for colour pictures of size × size.

    Its part ``features`` takes pretrained weights; ``classifier`` ends in a 1×1 convolution with one filter per class,
    instead of ImageNet's 1000, and the mean over all positions. The last pooling leaves nothing of smaller
    pictures than 17×17.
    """
    model: nn.Module = squeezenet1_1(weights=None, num_classes=classes)
    model.input_shape = (3, size, size)  # type: ignore[assignment]
    return model
