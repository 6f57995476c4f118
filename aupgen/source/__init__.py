"""Reading: YAML text to plain data with positions, and findings as values."""
