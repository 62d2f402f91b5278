"""Laboratory labels, on bags and vials."""
