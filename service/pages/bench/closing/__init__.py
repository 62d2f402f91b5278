"""No answer will come: said at the bench, and taken back there."""
