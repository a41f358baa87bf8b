"""Artefacts of the writeup on parameter counts, attention, Fashion-MNIST and captions (``fashion-captions``)."""

from rework.artefacts.fashion_captions.attention import attention_rank, attention_two_heads
from rework.artefacts.fashion_captions.fashion_networks import (
    best_accuracy,
    best_loss,
    conv1_kernels,
    conv2_kernels,
    dropout_table,
    features,
    ffn_comparison,
    learning_rate_table,
)
from rework.artefacts.fashion_captions.parameter_counts import (
    cnn_organisation,
    cnn_parameters,
    ffn_organisation,
    ffn_parameters,
)
from rework.artefacts.recipes.claims import claims

__all__ = [
    "attention_rank",
    "attention_two_heads",
    "best_accuracy",
    "best_loss",
    "claims",
    "cnn_organisation",
    "cnn_parameters",
    "conv1_kernels",
    "conv2_kernels",
    "dropout_table",
    "features",
    "ffn_comparison",
    "ffn_organisation",
    "ffn_parameters",
    "learning_rate_table",
]
