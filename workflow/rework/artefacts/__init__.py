"""Tables, figures, numbers and claims: one module per writeup, a function per artefact."""
