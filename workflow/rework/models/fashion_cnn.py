"""The convolutional network of fashion-captions, exercise 2.2: two convolutional blocks, then three affine layers."""

from collections import OrderedDict

from torch import Tensor, nn

from rework.settings.ranges import Dropout


class FashionCNN(nn.Module):
    """Maps grey 28×28 images, a batch of shape (N, 1, 28, 28), to log-probabilities of 10 classes, (N, 10)."""

    input_shape = (1, 28, 28)

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.block1 = nn.Sequential(
            OrderedDict(
                convolution=nn.Conv2d(1, 16, kernel_size=3, padding=1),  # 1×28×28 -> 16×28×28
                activation=nn.ReLU(),
                pooling=nn.MaxPool2d(kernel_size=2),  # -> 16×14×14
            )
        )
        self.block2 = nn.Sequential(
            OrderedDict(
                convolution=nn.Conv2d(16, 32, kernel_size=3, padding=0),  # -> 32×12×12
                activation=nn.ReLU(),
                pooling=nn.MaxPool2d(kernel_size=2),  # -> 32×6×6
            )
        )
        self.hidden = nn.Sequential(
            OrderedDict(
                affine1=nn.Linear(32 * 6 * 6, 600),
                activation1=nn.ReLU(),
                dropout=nn.Dropout(dropout),
                affine2=nn.Linear(600, 120),
                activation2=nn.ReLU(),
            )
        )
        self.output = nn.Linear(120, 10)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the log-probability of each class."""
        features = self.block2(self.block1(images))
        logits = self.output(self.hidden(features.flatten(start_dim=1)))
        log_probabilities: Tensor = self.log_softmax(logits)
        return log_probabilities


def build(*, dropout: Dropout = 0.4) -> nn.Module:
    """Return the network with freshly drawn weights; ``dropout`` is the probability that a hidden unit is dropped."""
    return FashionCNN(dropout)
