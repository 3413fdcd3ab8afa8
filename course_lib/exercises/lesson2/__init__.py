"""Exercises of lesson 2: linear regression with gradient descent."""
