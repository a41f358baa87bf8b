"""The settings that the catalogue passes to a step: frozen dataclasses that travel as JSON.

A rule puts its settings as JSON into ``params``, so a step reruns exactly when one of its own settings changes, and
needs no configuration file. One function in ``plain`` rebuilds every class from its type hints.

The classes are in separate modules, by step, because a step's code fingerprint covers the modules that it imports: a
new field of an artefact must not retrain anything.
"""
