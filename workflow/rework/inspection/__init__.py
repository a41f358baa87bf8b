"""Looking into a trained network: its kernels, activations, favourite pictures, codes, and what it looks at."""
