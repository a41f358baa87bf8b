"""A neural network from scratch in numpy (nist36, Q2 and Q5): nothing here but numpy."""
