"""Network architectures: one module per family, each with a function ``build``."""
