"""Tasks: what a training is about. One module each, named by the key ``task`` of a run; see ``task.Task``."""
