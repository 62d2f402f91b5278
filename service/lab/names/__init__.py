"""Names that laboratories write, and the substances that they mean."""
