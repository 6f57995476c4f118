"""Profiles: what a school wrote, checked against the library."""
