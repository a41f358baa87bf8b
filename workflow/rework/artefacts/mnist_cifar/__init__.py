"""What only `mnist-cifar` needs of artefacts: mistaken pictures, activations and comparisons of trainings."""
