"""Checking results against what was recorded about them, and telling which ones today's code would make anew."""
