"""Whether readers can bear what they are given: how hard, how long, in which words, and how often the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from aupgen.checks.contradictions import opposed
from aupgen.checks.view import LibraryView, Passage, Printed, SchoolView, place_of
from aupgen.document.readability import document_reading
from aupgen.document.tree import Document, Section
from aupgen.document.walk import lines
from aupgen.policy.terms import Audience
from aupgen.source.diagnostics import Diagnostic, Severity, listing, printable
from aupgen.source.span import Span


class Bearable(Struct, frozen=True):
    """How many words some readers can bear in one sentence, and in a document."""

    sentence: int
    document: int


_READERS: dict[Audience, Bearable] = {
    Audience.PUPIL_KS1: Bearable(14, 250),
    Audience.PUPIL_SEND: Bearable(16, 320),
    Audience.PUPIL_KS2: Bearable(32, 600),
    Audience.PUPIL_KS3: Bearable(45, 1800),
    Audience.PARENT: Bearable(50, 1000),
    Audience.COMMUNITY: Bearable(50, 500),
    Audience.VISITOR: Bearable(55, 500),
}
_TO_SIGN = Bearable(90, 1100)
"""An agreement of grown-ups, which signs on two pages."""
_TO_LOOK_UP = Bearable(110, 12_000)
"""A policy, where people look things up."""
_EASY = frozenset({*_READERS} - {Audience.VISITOR})
"""Readers who are held to their reading grade."""

_JARGON = {
    "authentication": "signing in", "authorised": "allowed", "bandwidth": "the speed of the internet", "circumvent": "get round",
    "compromised": "broken into", "confidentiality": "keeping things private", "credentials": "user name and password",
    "dpia": "a check of the risks to people’s data", "encrypted": "scrambled", "endpoint": "computer or phone",
    "hardware": "computers and other equipment", "herein": "here", "hitherto": "until now", "ict": "computers",
    "implement": "put in place", "indemnify": "pay for", "infrastructure": "the school’s systems", "malware": "harmful software",
    "mis": "the school’s records", "mitigate": "make less", "notwithstanding": "despite", "offensive": "hurtful",
    "pertaining": "about", "pursuant": "under", "remediation": "putting right", "safeguarding": "keeping safe",
    "siro": "the person who looks after information", "stakeholders": "people", "subsequent": "later", "thereof": "of it",
    "unauthorised": "not allowed", "utilise": "use", "utilisation": "use", "whilst": "while", "vle": "the school’s learning site",
}  # fmt: skip
"""Words that office documents are full of, and what to write instead."""
_GROWN_UP_ONLY = frozenset(
    {
        "authorised",
        "encrypted",
        "hardware",
        "offensive",
        "safeguarding",
        "malware",
        "implement",
        "unauthorised",
    }
)
"""Those that parents may be given, and young readers may not."""
_WORD = re.compile(r"[a-z]+")

_SENTENCE = re.compile(r"[.!?:;](?:\s|$)")


def _bearable(document: Document, is_short: bool) -> Bearable:
    readers = [_READERS[Audience(a)] for a in document.meta.audiences if Audience(a) in _READERS]
    if readers and len(readers) == len(document.meta.audiences):
        return min(readers, key=lambda bearable: bearable.sentence)
    return _TO_SIGN if is_short else _TO_LOOK_UP


def too_hard_for_its_readers(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        A document for pupils, parents or people on the guest wi-fi has a Flesch–Kincaid grade its readers can bear:
        `grade` of each audience in `clauses/voices.yaml`, and one year more, because a single word can make so much.
    Why it matters:
        A rule that its reader cannot read is not agreed to, whoever signs it.
    Example:
        A local clause in the Key Stage 2 agreement: "refrain from utilising unauthorised telecommunications equipment".
    What to do:
        Shorter sentences and everyday words, first of all in the clauses the school added or reworded.
    Source:
        Kincaid and others, 1975, for the measure; a grade is a school year, and knows nothing of sense. Read aloud first.
    """
    for document in school.documents:
        audiences = [Audience(a) for a in document.meta.audiences]
        limit = school.library.language.grade_limit(audiences)
        if limit is None or not set(audiences) <= _EASY:
            continue
        measured = document_reading(document).grade
        if measured > limit + 1:
            own = [
                said.clause.id
                for said in school.printed
                if said.document == document.meta.id and said.layer != "library"
            ]
            message = f"`{document.meta.id}` needs {measured:.0f} years of schooling to read, and its readers have {limit}"
            help_ = "shorter sentences and everyday words"
            if own:
                help_ += f", first of all in the clauses of your own: {listing(own, 4)}"
            place = _document_span(school, document)
            yield Diagnostic("AUP340", place, message, help_, Severity.WARNING, profile=school.profile.slug)


def _own_lines(document: Document) -> Iterator[tuple[str, str]]:
    """The lines of a document without those of its appendices, which are documents of their own."""
    own = tuple(block for block in document.blocks if not (isinstance(block, Section) and block.appendix))
    return lines(Document(document.meta, document.title, own))


def _document_span(school: SchoolView, document: Document) -> Span:
    return next(choice.span for choice in school.profile.documents if choice.id == document.meta.id)


def sentence_too_long(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        No sentence of a clause is longer than the readers of its document can hold in mind: 14 words for the youngest,
        16 for pupils with special needs, 32 for Key Stage 2, 45 for Key Stage 3 and above, 50 for parents, 90 in any
        agreement.
    Why it matters:
        The end of a long sentence is read without its beginning.
    Example:
        A local clause of 60 words in the agreement of Key Stage 2.
    What to do:
        Make two clauses of it: one obligation each.
    Source:
        The readers of each document; see docs/pupil-documents.md.
    """
    for said, limit in _clauses_with_limits(school):
        longest = _longest_sentence(said.text)
        if longest > limit.sentence:
            message = f"`{said.clause.id}` has a sentence of {longest} words in `{said.document}`, whose readers bear {limit.sentence}"
            yield _at_clause("AUP341", school, said, message, "make two clauses of it, one obligation each")


@lru_cache(maxsize=8192)
def _longest_sentence(text: str) -> int:
    return max((len(part.split()) for part in _SENTENCE.split(text)), default=0)


def _clauses_with_limits(school: SchoolView) -> Iterator[tuple[Printed, Bearable]]:
    limits = {
        document.meta.id: _bearable(document, school.library.documents[document.meta.id].essential_only)
        for document in school.documents
    }
    for said in school.printed:
        yield said, limits[said.document]


def _at_clause(
    code: str, school: SchoolView, said: Printed, message: str, help_: str, words: str = ""
) -> Diagnostic:
    """At some words of a printed clause, else at the clause."""
    place = school.place(said)
    return Diagnostic(
        code, place_of(words, school.sources.get(place.path), place), message, help_, Severity.WARNING,
        clause=said.clause.id, profile=None if said.layer == "library" else school.profile.slug,
    )  # fmt: skip


def jargon_for_its_readers(passage: Passage) -> Iterator[Diagnostic]:
    """What it checks:
        Wordings for Key Stage 1, Key Stage 2, pupils with special needs and parents use no words of the office:
        utilise, credentials, infrastructure, ICT, pursuant.
    Why it matters:
        One such word makes a reader of eight skip the line, and a parent the letter.
    Example:
        "I will not circumvent the filter" in the wording for `pupil-ks2`.
    What to do:
        Write the everyday word, which the message gives.
    Source:
        The readers of each document; see docs/pupil-documents.md.
    """
    young = {Audience.PUPIL_KS1, Audience.PUPIL_KS2, Audience.PUPIL_SEND}
    readers = set(passage.readers)
    if not readers or not readers <= {*young, Audience.PARENT}:
        return
    for word in _WORD.findall(re.sub(r"{{.*?}}", " ", passage.text).lower()):
        if word in _JARGON and (readers & young or word not in _GROWN_UP_ONLY):
            message = f"`{word}` in `{passage.clause.id}` is not a word that {_named(readers)} use"
            yield Diagnostic(
                "AUP342", passage.at(word), message, f"write “{_JARGON[word]}”, or say it another way", Severity.WARNING,
                clause=passage.clause.id, profile=passage.profile or None,
            )  # fmt: skip
            return


def _named(readers: Iterable[str]) -> str:
    return "parents" if set(readers) == {Audience.PARENT} else "young readers"


_PEOPLE = re.compile(r"\b(pupils?|students?|learners?)\b(?!-)", re.I)


def mixed_vocabulary(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        A clause that the school added or reworded calls its pupils what the rest of the document calls them.
    Why it matters:
        Readers ask whether "students" are others than "pupils".
    Example:
        "remind students of the rules" in a school whose documents say "pupils".
    What to do:
        Write `{{ pupils }}`, which prints the word the school chose under `vocabulary:`.
    Source:
        Published school policies.
    """
    concept = school.library.language.vocabulary.get("pupil")
    if concept is None:
        return
    forms = school.profile.vocabulary.get("pupil") or concept.words[concept.default]
    for said in school.printed:
        if said.layer == "library":
            continue
        for found in _PEOPLE.finditer(said.text):
            if found[0].lower() not in (forms.one.lower(), forms.many.lower()):
                message = f"`{said.clause.id}` says “{found[0]}”, and the rest of the document “{forms.many}”"
                slot = concept.plural if found[0].lower().endswith("s") else concept.placeholder
                yield _at_clause(
                    "AUP346", school, said, message, f"write `{{{{ {slot} }}}}` in its place", found[0]
                )
                break


def word_fixed_in_library(passage: Passage) -> Iterator[Diagnostic]:
    if passage.profile:
        return
    literal = re.sub(r"{{.*?}}", "", passage.text)
    if found := _PEOPLE.search(literal):
        slot = "pupils" if found[0].lower().endswith("s") else "pupil"
        message = f"`{passage.clause.id}` says “{found[0]}” whatever word a school has chosen"
        yield Diagnostic(
            "AUP346", passage.at(found[0]), message, f"write `{{{{ {slot} }}}}` in its place", Severity.WARNING,
            clause=passage.clause.id,
        )  # fmt: skip


word_fixed_in_library.__doc__ = mixed_vocabulary.__doc__


def document_too_long(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        A document is no longer than its audience bears: 250 words for the youngest, 320 for pupils with special needs,
        600 for Key Stage 2, 1,800 for Key Stage 3 and above, 1,000 for parents, 500 for visitors and the guest wi-fi,
        1,100 for any other agreement. Policies, where people look things up, are let be up to 12,000. Appendices count
        for themselves.
    Why it matters:
        What is too long is signed unread.
    Example:
        A visitor agreement with `clauses: all`.
    What to do:
        Print the essential clauses only (`clauses: essential`), or leave clauses out with `use: false` and a reason.
    Source:
        Schools’ and teachers’ complaints about acceptable use policies; a signed agreement has two pages.
    """
    for document in school.documents:
        limit = _bearable(document, school.library.documents[document.meta.id].essential_only)
        count = sum(len(text.split()) for _, text in _own_lines(document))
        if count > limit.document:
            message = f"`{document.meta.id}` has {count:,} words, and its readers bear {limit.document:,}"
            help_ = "print the essential clauses only (`clauses: essential`), or leave some out with `use: false` and a reason"
            yield Diagnostic(
                "AUP347",
                _document_span(school, document),
                message,
                help_,
                Severity.WARNING,
                profile=school.profile.slug,
            )


# ------------------------------------------------------------------ the same twice

_LITTLE = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "from",
        "as",
        "is",
        "are",
        "be",
        "it",
        "that",
        "this",
        "any",
        "all",
        "i",
        "me",
        "my",
        "we",
        "our",
        "you",
        "your",
        "they",
        "their",
        "them",
        "will",
        "must",
        "may",
        "not",
        "no",
        "if",
        "when",
        "where",
        "which",
        "who",
    ]
)
_ALIKE = 0.65
"""The share of their weighty words that two wordings of one rule have in common; the library’s own need more."""
_ALIKE_IN_LIBRARY = 0.8


@lru_cache(maxsize=8192)
def _weighty(text: str) -> frozenset[str]:
    """The words that carry a wording, without the little ones."""
    return frozenset(word for word in re.findall(r"[a-z_]+", text.lower()) if word not in _LITTLE)


def _alike(one: frozenset[str], other: frozenset[str], share: float) -> bool:
    return min(len(one), len(other)) >= 5 and len(one & other) >= share * len(one | other)


def clause_said_twice(school: SchoolView) -> Iterator[Diagnostic]:
    """What it checks:
        A clause that the school added does not say in nearly the same words what another clause of the same document
        says; nor does one clause of the library repeat another for the same readers.
    Why it matters:
        Two versions of one rule drift apart: next year one is changed and the other is not.
    Example:
        A local clause "tell nobody the password the school gave me" beside the library's `password-private`.
    What to do:
        Keep one. To say it in your own words, reword the library's clause under `clauses:` with `text:` and a reason.
    Source:
        A published school policy that states its rules on staff phones twice, with different limits.
    """
    told: set[frozenset[str]] = set()
    for said in school.printed:
        if said.clause.layer == "library":
            continue
        for other in school.printed:
            pair = frozenset((said.clause.id, other.clause.id))
            if other.document != said.document or len(pair) == 1 or pair in told:
                continue
            if opposed(said, other):
                continue  # AUP330 says more
            if _alike(_weighty(said.text), _weighty(other.text), _ALIKE):
                told.add(pair)
                place = school.place(other)
                message = f"`{said.clause.id}` says nearly what `{other.clause.id}` says in `{said.document}`"
                note = f"`{other.clause.id}` ({place.path}:{place.line}): {printable(other.text, 200)}"
                help_ = "keep one of the two"
                if other.clause.layer == "library":
                    help_ = f"keep one; your own words for `{other.clause.id}` go under `clauses:` with `text:` and `reason:`"
                yield Diagnostic(
                    "AUP348", said.clause.span, message, help_, Severity.WARNING, (note,),
                    clause=said.clause.id, profile=school.profile.slug,
                )  # fmt: skip


def clause_twice_in_library(view: LibraryView) -> Iterator[Diagnostic]:
    newest = [
        (clause, clause.revisions[-1].wording) for clause in view.library.clauses.values() if clause.revisions
    ]
    passages = [Passage(clause, wording, "", clause.span, None) for clause, wording in newest]
    by_word: dict[str, list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        weighty = _weighty(passage.text)
        # Two sets that share four fifths of their words share one of the first few of any fixed order.
        for word in sorted(weighty, key=lambda word: (-len(word), word))[: max(2, len(weighty) // 4 + 1)]:
            by_word[word].append(number)
    pairs = {(a, b) for numbers in by_word.values() for a in numbers for b in numbers if a < b}
    for first, second in sorted(pairs):
        one, other = passages[first].clause, passages[second].clause
        if not set(one.audiences) & set(other.audiences) or one.kind is not other.kind:
            continue
        apart = bool(one.when or other.when or one.optional or other.optional)
        linked = {link.clause for link in (*one.conflicts, *other.conflicts)}
        if (
            apart
            or {one.id, other.id} & linked
            or (one.nations and other.nations and not set(one.nations) & set(other.nations))
        ):
            continue
        if _alike(_weighty(passages[first].text), _weighty(passages[second].text), _ALIKE_IN_LIBRARY):
            message = f"`{other.id}` says nearly what `{one.id}` says, for the same readers"
            note = f"`{one.id}` stands at {one.span.path}:{one.span.line}"
            yield Diagnostic(
                "AUP348", other.span, message, "keep one of them", Severity.WARNING, (note,), clause=other.id
            )


clause_twice_in_library.__doc__ = clause_said_twice.__doc__


# ------------------------------------------------------------------ one school's facts in everybody's wording

_ONE_SCHOOLS = (
    ("a time of day", re.compile(r"\b[0-9]{1,2}[.:][0-5][0-9] ?(?:am|pm)?\b|\b[0-9]{1,2} ?(?:am|pm)\b", re.I)),
    ("a telephone number", re.compile(r"(?<![0-9])(?!0800 ?1111|116 ?[0-9]{3}|0808)(?:\+44|0)[0-9]{2,4}[ -]?[0-9]{3}[ -]?[0-9]{3,4}(?![0-9])")),
    ("an e-mail address", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")),
    ("an address", re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\b")),
    (
        "the name of a system",
        re.compile(
            r"\b(?:SIMS|Arbor|Bromcom|ScholarPack|CPOMS|MyConcern|ClassDojo|Class Dojo|Tapestry|Seesaw|ParentMail|ParentPay|Google Classroom|Google Drive|Google Workspace"
            r"|Microsoft Teams|Office 365|Microsoft 365|OneDrive|SharePoint|Dropbox|Smoothwall|Securly|Senso|Lightspeed|Hwb|Satchel|Show My Homework|Evolve|Firefly|Purple Mash)\b"
        ),
    ),
    ("the name of a school", re.compile(r"\b(?:[A-Z][a-z’]+ ){1,3}(?:Primary|Infant|Junior|Secondary|High|Grammar|Community|Church of England|Catholic)? ?(?:School|Academy)\b(?<!The School)")),
    ("the name of a person", re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.? [A-Z][a-z]+")),
)  # fmt: skip


def fact_of_one_school_in_library(passage: Passage) -> Iterator[Diagnostic]:
    """What it checks:
        No wording of the library holds what differs from school to school: a name, a time of day, an address, a
        telephone number, a brand of software.
    Why it matters:
        Every school that uses the library would publish another school's facts as its own.
    Example:
        "not use a phone between 8.30am and 3.30pm"
    What to do:
        Ask for it: declare a parameter in `clauses/parameters.yaml` and write `{{ its_name }}`.
    Source:
        Good practice; wording belongs to all, facts to each.
    """
    if passage.profile:
        return
    literal = re.sub(r"{{.*?}}", "|", passage.text)
    for what, pattern in _ONE_SCHOOLS:
        if found := pattern.search(literal):
            message = f"`{passage.clause.id}` holds {what} (“{found[0].strip()}”), which differs from school to school"
            help_ = "declare a parameter for it in `clauses/parameters.yaml`, and write its placeholder here"
            yield Diagnostic("AUP334", passage.at(found[0].strip()), message, help_, clause=passage.clause.id)
            return
