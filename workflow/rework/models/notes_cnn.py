"""The CIFAR-10 network of course-notes, section 3.6, with the notes' names of its layers."""

from torch import Tensor, nn

from rework.settings.ranges import Dropout


class NotesCNN(nn.Module):
    """Maps colour 32×32 images, a batch of shape (N, 3, 32, 32), to logits of 10 classes, (N, 10)."""

    input_shape = (3, 32, 32)

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 4 * 4, 500)
        self.fc2 = nn.Linear(500, 10)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = images
        for convolution in (self.conv1, self.conv2, self.conv3):  # -> 16×16×16 -> 32×8×8 -> 64×4×4
            features = self.pool(self.relu(convolution(features)))
        hidden = self.relu(self.fc1(self.dropout(features.flatten(start_dim=1))))
        logits: Tensor = self.fc2(self.dropout(hidden))
        return logits


def build(*, dropout: Dropout = 0.25) -> nn.Module:
    """Return the network with freshly drawn weights; ``dropout`` is before each affine layer."""
    return NotesCNN(dropout)
