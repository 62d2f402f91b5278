"""Where the laboratory works: what waits, one sample and what is typed of it, files, names."""
