"""Readers (and, for the samples, writers) of raw file formats."""
