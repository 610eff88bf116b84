"""The page for R users: a master with R and Python, and what R printed."""
