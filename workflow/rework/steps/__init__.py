"""One module per step of the workflow: it reads arguments, calls the library and writes files."""
