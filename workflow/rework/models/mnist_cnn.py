"""The MNIST network of mnist-cifar, task 1: two convolutions and two affine layers, in the writeup's three sizes."""

from collections import OrderedDict
from typing import Literal

from torch import Tensor, nn

from rework.settings.ranges import Dropout, Side, Units


class MnistCNN(nn.Module):
    """Maps grey 28×28 images, a batch of shape (N, 1, 28, 28), to logits of 10 classes, (N, 10)."""

    input_shape = (1, 28, 28)

    def __init__(self, filters: tuple[int, int], kernel_size: int, dropout: float) -> None:
        super().__init__()
        first, second = filters
        padding = kernel_size // 2  # keeps the size; only the poolings halve it
        self.conv1 = nn.Conv2d(1, first, kernel_size, padding=padding)
        self.conv2 = nn.Conv2d(first, second, kernel_size, padding=padding)
        self.pooling = nn.MaxPool2d(2)
        self.activation = nn.ReLU()
        self.fc1 = nn.Linear(second * 7 * 7, 1024)
        self.hidden = nn.Sequential(OrderedDict(activation=nn.ReLU(), dropout=nn.Dropout(dropout)))
        self.fc2 = nn.Linear(1024, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = self.pooling(self.activation(self.conv1(images)))
        features = self.pooling(self.activation(self.conv2(features)))
        logits: Tensor = self.fc2(self.hidden(self.fc1(features.flatten(start_dim=1))))
        return logits


def build(
    *,
    filters: tuple[Units, Units] = (32, 64),
    kernel_size: Side = 5,
    dropout: Dropout = 0.5,
    start: Literal["torch", "truncated-normal"] = "torch",
) -> nn.Module:
    """Return the network with freshly drawn weights.

    ``start`` says how they are drawn: ``torch`` as torch does by default; ``truncated-normal`` as the writeup's
    TensorFlow code does, from a normal distribution with standard deviation 0.1 cut off at two standard deviations,
    with every bias 0.1.
    """
    model = MnistCNN((filters[0], filters[1]), kernel_size, dropout)
    if start == "truncated-normal":
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                nn.init.constant_(parameter, 0.1)
            else:
                nn.init.trunc_normal_(parameter, std=0.1, a=-0.2, b=0.2)
    return model
