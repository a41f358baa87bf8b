"""Artefacts that only `mnist-cifar` needs: misread pictures, activations and comparisons of training runs."""
