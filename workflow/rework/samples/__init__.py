"""Generators of the embedded sample data, in the official raw formats. One module per data set."""
