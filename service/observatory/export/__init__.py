"""Files for others, each with its codebook and a list of what it loses or leaves out."""
