"""One sample at the bench: its form, and what was found in it."""
