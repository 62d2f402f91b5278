"""The words everybody shares: code lists and substances, as data. Labels live in the catalogues.

Decision, 2026-11: substances are not in evidence, as what a person believes (intake) and what an
instrument reports (lab) are codes too, and both stand to its left; so the vocabulary is a room of
its own.
"""
