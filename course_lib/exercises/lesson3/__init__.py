"""Exercises of lesson 3: optimizers."""
