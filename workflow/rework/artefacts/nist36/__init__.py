"""Artefacts that only `nist36` needs: theory, the toy network, characters, photographs and the autoencoder."""
