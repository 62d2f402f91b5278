"""What waits for a coordinator's decision."""
