"""Exercises of lesson 1: backprop by hand."""
