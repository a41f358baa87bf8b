"""The features of an ImageNet network under a new classifier, for transfer learning (course-notes, section 3.7)."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import densenet121, squeezenet1_1

from rework.settings.ranges import Dropout, Range, Units

BASES: dict[str, tuple[Callable[..., Any], int]] = {
    "densenet-121": (densenet121, 1024),
    "squeezenet-1-1": (squeezenet1_1, 512),
}
"""torchvision's function for each network, and how many channels its features have."""


class TransferNetwork(nn.Module):
    """Maps colour images, a batch of shape (N, 3, size, size), to log-probabilities of classes, (N, classes)."""

    def __init__(
        self, features: nn.Module, channels: int, hidden: int, dropout: float, classes: int, size: int
    ) -> None:
        super().__init__()
        self.input_shape = (3, size, size)
        self.features = features
        self.classifier = nn.Sequential(
            OrderedDict(
                fc1=nn.Linear(channels, hidden),
                relu=nn.ReLU(),
                dropout=nn.Dropout(dropout),
                fc2=nn.Linear(hidden, classes),
                output=nn.LogSoftmax(dim=1),
            )
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the log-probabilities."""
        maps = functional.relu(self.features(images))  # as DenseNet does; those of SqueezeNet are never negative
        log_probabilities: Tensor = self.classifier(maps.mean(dim=(2, 3)))
        return log_probabilities

    def train(self, mode: bool = True) -> Self:
        """Set the mode of the classifier, and of features that are trained.

        Frozen features stay in evaluation mode: otherwise, batch normalisation would go on to change their statistics.
        """
        super().train(mode)
        if not any(parameter.requires_grad for parameter in self.features.parameters()):
            self.features.eval()
        return self


def build(
    *,
    base: Literal["densenet-121", "squeezenet-1-1"],
    classes: Units,
    hidden: Units = 256,
    dropout: Dropout = 0.2,
    size: Annotated[int, Range(least=32, most=4096)] = 224,
) -> nn.Module:
    """Return the network with freshly drawn weights, for colour pictures of size × size.

    Its part ``features`` takes pretrained weights of the ``base``. The means of its channels go through a hidden layer
    with ReLU and dropout to the classes. Pictures smaller than 32×32 would vanish in the poolings.
    """
    family, channels = BASES[base]
    return TransferNetwork(family(weights=None).features, channels, hidden, dropout, classes, size)
