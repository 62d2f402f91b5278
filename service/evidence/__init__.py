"""What is known of one sample, and how surely: what was told, measured, and found lately."""
