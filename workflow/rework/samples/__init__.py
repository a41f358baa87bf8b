"""Generators of the embedded sample data, in the official raw formats; one module per data set."""
