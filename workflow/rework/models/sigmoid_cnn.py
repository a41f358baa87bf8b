"""The convolutional networks of nist36, Q6: convolutions with batch normalisation and ReLU, then sigmoid layers."""

from torch import Tensor, nn

from rework.settings.ranges import Side, Units


class SigmoidCNN(nn.Module):
    """Maps pictures, a batch of shape (N, channels, size, size), to logits of the classes, (N, classes)."""

    def __init__(
        self,
        channels: int,
        size: int,
        filters: tuple[int, ...],
        kernels: tuple[int, ...],
        hidden: tuple[int, ...],
        classes: int,
    ) -> None:
        super().__init__()
        if len(filters) != len(kernels):
            raise ValueError(f"{len(filters)} filters and {len(kernels)} kernels; expected one of each per convolution")
        self.input_shape = (channels, size, size)
        convolutions: list[nn.Module] = []
        for position, (count, kernel) in enumerate(zip(filters, kernels, strict=True)):
            convolutions += [nn.Conv2d(channels, count, kernel), nn.BatchNorm2d(count), nn.ReLU()]
            channels, size = count, size - kernel + 1
            if position < len(filters) - 1:  # no pooling after the last one
                convolutions.append(nn.MaxPool2d(2))
                size //= 2
        if size < 1:
            raise ValueError("the pictures are too small for so many convolutions")
        self.convolutions = nn.Sequential(*convolutions)
        layers: list[nn.Module] = []
        width = channels * size * size
        for units in hidden:
            layers += [nn.Linear(width, units), nn.Sigmoid()]
            width = units
        self.classifier = nn.Sequential(*layers, nn.Linear(width, classes))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.classifier(self.convolutions(pictures).flatten(start_dim=1))
        return logits


def build(
    *,
    channels: Units,
    size: Side,
    filters: tuple[Units, ...],
    kernels: tuple[Side, ...],
    hidden: tuple[Units, ...],
    classes: Units,
) -> nn.Module:
    """Return the network with freshly drawn weights.

    ``filters`` and ``kernels`` describe the convolutions, with 2×2 pooling between them; ``hidden`` the sigmoid layers.
    """
    return SigmoidCNN(channels, size, filters, kernels, hidden, classes)
