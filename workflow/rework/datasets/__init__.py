"""Data sets: raw files in, splits as arrays on disk out. One module per data set."""
