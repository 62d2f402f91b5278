"""What the operator and their programs ask: whether the service runs, and what it offers."""
