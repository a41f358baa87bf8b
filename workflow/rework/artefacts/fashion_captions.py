"""Artefacts of the writeup on parameter counts, attention, Fashion-MNIST and captions (``fashion-captions``)."""

from rework.artefacts.attention import attention_rank, attention_two_heads
from rework.artefacts.claim_checks import claims
from rework.artefacts.fashion_networks import (
    best_accuracy,
    best_loss,
    conv1_kernels,
    conv2_kernels,
    dropout_table,
    features,
    ffn_comparison,
    learning_rate_table,
)
from rework.artefacts.parameter_counts import cnn_organisation, cnn_parameters, ffn_organisation, ffn_parameters

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
