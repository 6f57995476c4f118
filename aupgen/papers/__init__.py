"""Comparisons in, papers that people take to a meeting or read at their desk out: as documents like any other."""
