"""Grading of collected notebooks; so far, finding code by its name, and data without code."""
