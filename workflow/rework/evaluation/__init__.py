"""Predictions, metrics, statistics over seeds, verdicts and claims."""
