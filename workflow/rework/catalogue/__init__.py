"""Reading the files of ``config/``: YAML, schemas, sweeps, signatures of models."""
