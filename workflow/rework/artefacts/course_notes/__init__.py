"""Functions that make artefacts of course-notes alone."""
