"""The letter CNN of ocr, question 1: two or more convolutions over 16 x 8 letters."""

from torch import Tensor, nn

from rework.settings.ranges import TwoOrMore, Units


class LetterCNN(nn.Module):
    """Convolutions between two poolings; the writeup deepens it with layers that keep the size.

    The first convolution (5 x 5, 16 kernels) and the last (7 x 7, 32 kernels) are followed by max pooling; every
    convolution between them is 5 x 5 with 16 kernels and ReLU.
    """

    def __init__(self, convolutions: int, labels: int) -> None:
        super().__init__()
        self.input_shape = (1, 16, 8)
        first = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        middle = [
            nn.Sequential(nn.Conv2d(16, 16, kernel_size=5, padding=2), nn.ReLU()) for _ in range(convolutions - 2)
        ]
        last = nn.Sequential(nn.Conv2d(16, 32, kernel_size=7, padding=3), nn.ReLU(), nn.MaxPool2d(2))
        self.convolutions = nn.Sequential(first, *middle, last)
        self.output = nn.Linear(32 * 4 * 2, labels)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, float B x labels, of images float B x 1 x 16 x 8."""
        logits: Tensor = self.output(self.convolutions(images).flatten(1))
        return logits


def build(*, convolutions: TwoOrMore = 2, labels: Units = 26) -> LetterCNN:
    """Return the network with ``convolutions`` convolutional layers, at least 2."""
    if convolutions < 2:
        raise ValueError(f"letter-cnn: convolutions is {convolutions}; the first and the last make at least 2")
    return LetterCNN(convolutions, labels)
