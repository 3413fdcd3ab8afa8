"""Changes of a right answer that make no difference, and why."""

EQUIVALENT = {}
