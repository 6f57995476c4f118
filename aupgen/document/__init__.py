"""The document tree: what every writer and every comparison reads."""
