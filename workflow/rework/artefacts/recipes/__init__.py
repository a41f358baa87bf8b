"""Functions that make artefacts of several writeups; the configuration names them under ``make``."""
