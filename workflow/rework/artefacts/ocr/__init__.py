"""Artefacts of the writeup on OCR letters (``ocr``)."""

from rework.artefacts.ocr.letter_networks import (
    cnn_accuracy,
    cnn_loss,
    cnn_test_accuracy,
    conv1_kernels_grey,
    conv1_kernels_heatmap,
    conv2_kernels_grey,
    conv2_kernels_heatmap,
    depth_curves,
    depth_table,
    odd_letters,
)
from rework.artefacts.ocr.letter_words import (
    batched_words,
    bilstm_accuracy,
    bilstm_crf,
    bilstm_loss,
    bilstm_test_accuracy,
    cnn_bilstm_accuracy,
    cnn_bilstm_loss,
    cnn_bilstm_test_accuracy,
    confusions,
    crf_transitions,
    read_words,
    words_table,
)
from rework.artefacts.ocr.pooling import max_pool_rotation, max_pool_shift
from rework.artefacts.recipes.claims import claims

__all__ = [
    "batched_words",
    "bilstm_accuracy",
    "bilstm_crf",
    "bilstm_loss",
    "bilstm_test_accuracy",
    "claims",
    "cnn_accuracy",
    "cnn_bilstm_accuracy",
    "cnn_bilstm_loss",
    "cnn_bilstm_test_accuracy",
    "cnn_loss",
    "cnn_test_accuracy",
    "confusions",
    "conv1_kernels_grey",
    "conv1_kernels_heatmap",
    "conv2_kernels_grey",
    "conv2_kernels_heatmap",
    "crf_transitions",
    "depth_curves",
    "depth_table",
    "max_pool_rotation",
    "max_pool_shift",
    "odd_letters",
    "read_words",
    "words_table",
]
