"""One module per step of the workflow: arguments in, library call, files out."""
