"""Reading the files of ``config/``: YAML, schemas, sweeps and the signatures of models."""
