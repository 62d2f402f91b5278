"""How much cocaine rocks hold of which only weight or size is known, and how well that did."""
