"""A neural network from scratch (nist36, Q2 and Q5), using nothing but numpy."""
