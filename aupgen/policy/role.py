"""Posts and bodies in a school, with the titles they go by."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from aupgen.policy.terms import Nation


class Article(StrEnum):
    """How a title is named in a sentence: *the* headteacher, *a* line manager."""

    THE = "the"
    A = "a"
    AN = "an"
    NONE = "none"


class Role(Struct, frozen=True):
    """A post or body in a school. ``title`` is in mid-sentence case; ``short`` is "" where none is in use.

    ``separate``: never filled by a profile's `other_roles`, nor joined by `same_as` to a post that is not
    separate, because it stands apart from them (the chair of governors, the data protection officer) or is many
    people. ``area``: the local authority's, not the
    school's: taken from the profile that `area` names, whoever stands above the school. ``nations`` gives the title (and short form) of nations that name the post differently.
    ``always_held``: every school has one, so a profile need not say who it is (the governing board, a class teacher).
    ``apart_from`` are the posts that nobody can hold beside this one. A role that is ``retired`` is no longer to be
    used; ``successor`` is the one that took its place, "" where none did.
    """

    id: str
    title: str
    duty: str
    article: Article = Article.THE
    short: str = ""
    also_called: tuple[str, ...] = ()
    separate: bool = False
    area: bool = False
    nations: Mapping[Nation, tuple[str, str]] = field(default_factory=dict)
    always_held: bool = False
    apart_from: tuple[str, ...] = ()
    retired: bool = False
    successor: str = ""

    def title_in(self, nation: Nation) -> str:
        """The title this nation uses for the post."""
        return self.nations[nation][0] if nation in self.nations else self.title
