"""How rocks are counted: what one counts as, and the tables of counts."""
