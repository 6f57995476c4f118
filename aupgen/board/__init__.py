"""The authority's board: where each of its schools stands, as values, a page and a table."""
