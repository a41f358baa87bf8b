"""What only `fashion-captions` needs of artefacts: parameter counts, attention and feature maps."""
