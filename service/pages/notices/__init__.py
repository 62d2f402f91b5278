"""Where a coordinator decides on warnings: what is proposed, what it would say, what is in force, a poster."""
