"""Where a coordinator decides on warnings: what is proposed, in force, said, and hung up."""
