"""The survey page: what all rocks together teach, for those who run the network."""
