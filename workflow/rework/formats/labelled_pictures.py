"""What a file of labelled pictures holds."""

import numpy as np
from numpy.typing import NDArray

LabelledPictures = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Pictures (bytes, N×C×H×W) and their class numbers (N)."""
