"""Panels at the bench: those that were declared, and the form that declares another."""
