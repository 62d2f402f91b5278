"""When this week is news: what is counted of answered rocks, and what rules propose to warn of."""
