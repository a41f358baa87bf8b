"""What a model says of every example of a split."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rework.training.batches import Split

# Measured for fashion-cnn on one core: 39 µs an example, and 89 µs at 1000, when the activations leave the cache.
BATCH_SIZE = 128


def predict_log_probabilities(model: nn.Module, split: Split) -> NDArray[np.float32]:
    """Return the log-probability of each class for each example of a split, shape (N, classes).

    The model, which may return logits or log-probabilities, is put into evaluation mode for it (no dropout) and back.
    """
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            starts = range(0, len(split), BATCH_SIZE)
            outputs = torch.cat([model(split.take(slice(start, start + BATCH_SIZE))[0]) for start in starts])
            # log-softmax leaves log-probabilities as they are.
            log_probabilities: NDArray[np.float32] = outputs.log_softmax(dim=1).cpu().numpy()
    finally:
        model.train(training)
    return log_probabilities
