"""What is trained: one module per task, named by the key ``task`` of a run; see ``task.Task``."""
