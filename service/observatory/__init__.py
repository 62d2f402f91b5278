"""What all rocks together teach: the survey, warnings, files for others."""
