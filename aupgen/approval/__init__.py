"""Approval records: what a body approved, when, and whether a document's words are still those."""
