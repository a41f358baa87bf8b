"""Errors that a user can act on.

The command line prints only their message and exits with status 2; any other exception is a bug and keeps its
traceback.
"""


class ReworkError(Exception):
    """A problem that the message explains: what is wrong, where, what was expected, and what to do."""


class ConfigError(ReworkError):
    """A file in ``config/`` (or a ``--config`` override) is wrong."""


class DataError(ReworkError):
    """A data file is missing, damaged or not what it claims to be."""


class TrainingError(ReworkError):
    """A training cannot continue, for example because its loss is no longer finite."""


class ReportError(ReworkError):
    """The report cannot be built, for example because a declared artefact is missing."""


class StorageError(ReworkError):
    """A file cannot be written, for a reason of the system: no space, no permission, something else in its place."""
