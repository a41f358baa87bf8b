"""Rework: run five deep-learning homework writeups again and report what came back."""
