"""The rocks that proposals rest on."""
