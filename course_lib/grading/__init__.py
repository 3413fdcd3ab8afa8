"""Grading of a class: collect notebooks, run their answers in a sandbox, judge, report; releases.

`extract` finds the answers, `run` and `inside` run them, `judge` reaches the verdict outside.
"""
