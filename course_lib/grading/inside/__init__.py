"""Code that runs inside the sandbox, beside the answer: standard library and NumPy only.

These files are shown to the sandbox as they are. Nothing in them is secret, and nothing that comes
out of them is believed: the answer shares their process, and can change them.
"""
