"""Artefacts of the writeup on networks for recognition (``nist36``)."""

from rework.artefacts.nist36.autoencoder import autoencoder_loss, psnr, reconstructions
from rework.artefacts.nist36.character_networks import (
    accuracy,
    confusable_letters,
    confusion,
    learning_rate_table,
    learning_rates,
    loss,
    training_log,
    weights_after,
    weights_before,
)
from rework.artefacts.nist36.network_comparisons import (
    cifar_curves,
    cnn_curves,
    flowers_scratch_curves,
    mlp_curves,
    scene_bag_of_words,
    scene_curves,
    squeezenet_curves,
)
from rework.artefacts.nist36.network_theory import (
    activations,
    gradients,
    linear_collapse,
    softmax_invariance,
    vanishing_gradient,
)
from rework.artefacts.nist36.pages_read import extracted_text, find_letters
from rework.artefacts.nist36.toy_network import forward_check, gradient_check, initialisation, toy_training
from rework.artefacts.recipes.claims import claims

__all__ = [
    "accuracy",
    "activations",
    "autoencoder_loss",
    "cifar_curves",
    "claims",
    "cnn_curves",
    "confusable_letters",
    "confusion",
    "extracted_text",
    "find_letters",
    "flowers_scratch_curves",
    "forward_check",
    "gradient_check",
    "gradients",
    "initialisation",
    "learning_rate_table",
    "learning_rates",
    "linear_collapse",
    "loss",
    "mlp_curves",
    "psnr",
    "reconstructions",
    "scene_bag_of_words",
    "scene_curves",
    "softmax_invariance",
    "squeezenet_curves",
    "toy_training",
    "training_log",
    "vanishing_gradient",
    "weights_after",
    "weights_before",
]
