"""The exercises of lesson 6."""
