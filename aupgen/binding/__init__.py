"""Binding: a compiled library and one profile to finished document trees. No Jinja, no Markdown parser."""
