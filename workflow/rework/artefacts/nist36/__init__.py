"""What only `nist36` needs of artefacts: theory, the toy network, characters, photographs and the autoencoder."""
