"""What the bench sees: the samples that wait, and one of them."""
