"""Compiling: clause files and templates to wording pieces and document skeletons, once per library."""
