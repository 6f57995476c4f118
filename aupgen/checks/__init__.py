"""Checking: what makes a policy wrong although it can be built. Values in, findings out; reads no files."""
