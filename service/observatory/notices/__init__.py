"""Warnings: rules propose them, a coordinator publishes them, whoever speaks with people gets them at once."""
