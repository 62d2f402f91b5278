"""What a coordinator writes of notices."""
