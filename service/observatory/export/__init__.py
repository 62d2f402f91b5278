"""Files for others, each with its codebook and a list of what it cannot hold or leaves out on purpose."""
