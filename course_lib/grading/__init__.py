"""Grading of collected notebooks; so far, finding the
learner's code in a notebook by its name, and data that cannot carry code."""
