"""The laboratory answers.

Nothing that it said is ever overwritten: a correction stands on top of what it replaces.
"""
