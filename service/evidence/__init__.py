"""What is known of one rock, and how surely: what was told, what was measured, what is recent here."""
