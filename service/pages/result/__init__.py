"""A person's own result, for whoever holds its code."""
