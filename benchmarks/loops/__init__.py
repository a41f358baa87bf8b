"""Loops over the same steps, to be compared: the writeups', a plain one, and the engine's."""
