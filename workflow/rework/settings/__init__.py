"""What the catalogue hands to a step: frozen settings that travel as JSON.

A rule puts the JSON of its settings into ``params``, so a step reruns exactly when one of its own settings changes,
and the step needs no configuration file. One function in ``plain`` rebuilds every class from its type hints.

The classes stand in modules of their own, by step, because a step's code fingerprint covers the modules it imports: a
new field of an artefact must not retrain anything.
"""
