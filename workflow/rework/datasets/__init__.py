"""Data sets, from raw files to splits stored as arrays. One module per data set."""
