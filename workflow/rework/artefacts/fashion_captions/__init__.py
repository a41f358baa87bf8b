"""Artefacts that only `fashion-captions` needs: parameter counts, attention and feature maps."""
