"""Files of assays, in the layouts that laboratories use."""
