"""Many rocks at once: what a script sends, or what a tablet leaves in a file."""
