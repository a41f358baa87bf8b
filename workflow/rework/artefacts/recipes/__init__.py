"""Functions that make artefacts for several writeups; the configuration names them under ``make``."""
