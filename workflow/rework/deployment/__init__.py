"""Trained networks outside Python: conversions that a C++ program can load, and a small program that loads them."""
