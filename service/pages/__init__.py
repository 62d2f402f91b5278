"""Where people meet the service: the start page, signing in, and the four pages."""
