"""The CIFAR-10 network of mnist-cifar, task 2, and its two variations in the discussion."""

from collections.abc import Callable
from typing import Annotated, Literal

from torch import Tensor, nn

from rework.settings.ranges import Range

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "selu": nn.SELU}
POOLINGS: dict[str, Callable[[int], nn.Module]] = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}


class CifarCNN(nn.Module):
    """Maps colour 32×32 images, a batch of shape (N, 3, 32, 32), to logits of 10 classes, (N, 10)."""

    input_shape = (3, 32, 32)

    def __init__(self, first_kernel: int, activation: str, pooling: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, first_kernel)  # -> 64×30×30, or 64×28×28 with 5×5 kernels
        self.conv2 = nn.Conv2d(64, 128, 3)  # 64×15×15 -> 128×13×13
        self.conv3 = nn.Conv2d(128, 256, 3)  # 128×6×6 -> 256×4×4
        self.pooling = POOLINGS[pooling](2)
        self.activation = ACTIVATIONS[activation]()
        self.fc1 = nn.Linear(256 * 2 * 2, 128)
        self.fc2 = nn.Linear(128, 256)
        self.fc3 = nn.Linear(256, 10)
        self.relu = nn.ReLU()  # for the affine layers, which have it in every variation

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = images
        for convolution in (self.conv1, self.conv2, self.conv3):
            features = self.pooling(self.activation(convolution(features)))
        hidden = self.relu(self.fc1(features.flatten(start_dim=1)))
        logits: Tensor = self.fc3(self.relu(self.fc2(hidden)))
        return logits


def build(
    *,
    first_kernel: Annotated[int, Range(least=1, most=5)] = 3,
    activation: Literal["relu", "selu"] = "relu",
    pooling: Literal["max", "average"] = "max",
) -> nn.Module:
    """Return the network with freshly drawn weights; ``activation`` is the one after the convolutions.

    With a larger first kernel, less than 2×2 would be left for the affine layers.
    """
    return CifarCNN(first_kernel, activation, pooling)
