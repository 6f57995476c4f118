"""Exemplar packs: what an authority hands out in one file, and how a school takes it in."""
