"""What all rocks together teach: the survey, for those who run it exactly, for everyone else blunted."""
