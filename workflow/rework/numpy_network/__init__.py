"""A neural network from scratch in numpy (writeup 003, Q2 and Q5): nothing here but numpy."""
