"""The network of fashion-captions, exercise 1.1: a convolution, max-pooling and an output layer."""

from torch import Tensor, nn

from rework.settings.ranges import Side, Units


class SingleConvolutionCNN(nn.Module):
    """Maps images, a batch of shape (N, channels, size, size), to one logit per class, (N, classes)."""

    def __init__(
        self, channels: int, size: int, filters: int, kernel_size: int, pool_size: int, pool_stride: int, classes: int
    ) -> None:
        super().__init__()
        self.input_shape = (channels, size, size)
        convolved = size - kernel_size + 1
        pooled = (convolved - pool_size) // pool_stride + 1
        if convolved < pool_size:
            raise ValueError(f"pictures of {size} pixels a side are too small for this convolution and pooling")
        self.convolution = nn.Conv2d(channels, filters, kernel_size)
        self.pooling = nn.MaxPool2d(pool_size, pool_stride)
        self.output = nn.Linear(filters * pooled * pooled, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = self.pooling(self.convolution(images))
        logits: Tensor = self.output(features.flatten(start_dim=1))
        return logits


def build(
    *,
    channels: Units = 3,
    size: Side = 28,
    filters: Units = 8,
    kernel_size: Side = 5,
    pool_size: Side = 4,
    pool_stride: Side = 2,
    classes: Units = 10,
) -> nn.Module:
    """Return the network with freshly drawn weights, for square images of ``size`` pixels a side."""
    return SingleConvolutionCNN(channels, size, filters, kernel_size, pool_size, pool_stride, classes)
