"""Where the material itself is, from the site to the laboratory and to its end."""
