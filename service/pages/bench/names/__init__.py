"""Names that laboratories have written and nobody knows."""
