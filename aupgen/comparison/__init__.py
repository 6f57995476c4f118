"""Two editions in, what changed between them out: typed changes, and how they read."""
