"""Warnings: rules propose them, a coordinator publishes them, staff get them at once."""
