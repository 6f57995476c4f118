"""The words of the shipped library, and of the samples built from it: what a person reading aloud would stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import pytest
from msgspec.structs import replace
from rapidfuzz import fuzz

from aupgen.binding.bind import bind_profile
from aupgen.document.tree import Block, BulletList, Document, ListTable, NumberedList, Paragraph, Section
from aupgen.document.walk import lines, own_clauses, plain_text, sections
from aupgen.library.compiled import Library
from aupgen.policy.clause import Clause, Revision, Wording
from aupgen.policy.parameter import ChoiceValue, FlagValue, ParameterType, value_text
from aupgen.policy.profile import ClauseChoice, DocumentChoice, Profile, ProfileKind, Setting
from aupgen.policy.terms import Audience, Kind, Voice
from aupgen.policy.wording import Break, Literal, Pieces, Slot
from tests.conftest import ROOT, sample
from tests.golden.test_voices import Said, Speaker, rows, samples, speaker_for

# ---------------------------------------------------------------- wordings as text


@dataclass(frozen=True)
class Source:
    """One wording of the library as text, its slots as ``{{ name }}`` and its optional phrases in their places."""

    clause: Clause
    revision: Revision
    wording: Wording
    special: str
    """The audience or voice the wording is for, "" for a text or variant."""
    text: str
    literals: str
    """The library's own words alone, a bar where a slot stands."""

    def __str__(self) -> str:
        return f"{self.clause.id} ({self.special or self.revision.since}): {self.text}"


def text_of(pieces: Pieces, phrases: dict[str, Pieces], slot_as: str = "") -> str:
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Literal(text):
                parts.append(text)
            case Slot(name) if name in phrases:
                parts.append(text_of(phrases[name], phrases, slot_as))
            case Slot():
                parts.append(slot_as or str(Slot(piece.name, piece.field)))
            case Break():
                parts.append(" ")
            case _:
                parts.append(text_of(piece.pieces, phrases, slot_as))
    return re.sub(r" +([,;:.])", r"\1", "".join(parts))


def sources(library: Library) -> Iterator[Source]:
    for clause in library.clauses.values():
        for revision in clause.revisions:
            named = [("", revision.wording), *(("", variant) for variant in revision.variants)]
            for special, wording in [*named, *revision.special.items()]:
                text = text_of(wording.pieces, dict(wording.phrases))
                literals = text_of(wording.pieces, dict(wording.phrases), "|")
                yield Source(clause, revision, wording, special, text, literals)


# ---------------------------------------------------------------- who "they" are

PEOPLE = re.compile(
    r"\b(pupils?|students?|child(ren)?|parents?|carers?|famil(y|ies)|colleagues?|staff|teachers?|governors?"
    r"|volunteers?|visitors?|contractors?|adults?|people|persons?|friends?|users?|owners?|others"
    r"|(any|some|every|no)(one|body))\b"
)
PLURAL = re.compile(r"\b[a-z]{2,}[a-rt-z]s’?(?![’'a-z])")
NOT_PLURAL = re.compile(r"(.*[iu]s|.*(was|has|does|always|perhaps|sometimes|towards|besides|theirs|yours))’?")
THEY = re.compile(r"\b(they|them|their|theirs|themselves)\b")
READER = re.compile(r"{{ (i|me|my|mine|myself) }}")
SLOT = re.compile(r"{{ ([a-z_]+)[a-z_.]* }}")


@dataclass(frozen=True)
class Referents:
    """Slots that print people, and slots that print several things."""

    people: frozenset[str]
    several: frozenset[str]


def referents(library: Library) -> Referents:
    concepts = library.language.vocabulary.values()
    words = {c.placeholder for c in concepts} | {c.plural for c in concepts}
    of_type = {
        type_: {name for name, parameter in library.parameters.items() if parameter.type is type_}
        for type_ in ParameterType
    }
    # `tablet_name` is a text, and its help asks for a plural.
    several = of_type[ParameterType.WORDS] | {"audience", "tablet_name"}
    return Referents(frozenset(words | of_type[ParameterType.ROLES] | {"role"}), frozenset(several))


def pronouns_without_referent(text: str, known: Referents) -> list[str]:
    """Return the they, them or their of a wording that nothing before it can be meant by.

    In "I will …" such a word means the reader, and should be a slot. An inflected verb ("belongs") passes for
    a plural noun here: base-form wordings hardly have any.
    """
    found = []
    for match in THEY.finditer(text):
        before = text[: match.start()]
        several = [m[0] for m in PLURAL.finditer(SLOT.sub("", before)) if not NOT_PLURAL.fullmatch(m[0])]
        slots = {m[1] for m in SLOT.finditer(before)}
        if not (several or PEOPLE.search(before) or slots & (known.people | known.several)):
            found.append(match[0])
    return found


def ambiguous_pronouns(text: str, known: Referents) -> list[str]:
    """Return the reader's pronouns that prose prints as they, them or their after somebody else was named.

    "Staff must not give pupils their number": whose? A singular counts too ("tell anyone … given them").
    """
    found = []
    for match in READER.finditer(text):
        before = text[: match.start()]
        slots = {m[1] for m in SLOT.finditer(before)}
        if PEOPLE.search(SLOT.sub("", before)) or slots & known.people:
            found.append(match[1])
    return found


KNOWN = Referents(
    frozenset({"pupils", "pupil", "parents", "parent", "role", "permission_from"}),
    frozenset({"school_systems", "audience", "tablet_name"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "connect on social media with {{ pupils }} or their families",
        "label the {{ tablet_name }} as if they belonged to one class",
        "word messages carefully, so that nobody can misread them",
        "let pupils’ work speak for them",
        "help anyone who has lost their way",
        "keep {{ my }} password secure",
        "protect the privacy of {{ audience.every }}, and keep their contact professional",
    ],
)
def test_they_may_mean_somebody_named_before(text: str) -> None:
    assert not pronouns_without_referent(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("keep their password secure", ["their"]),
        ("give their own number to {{ pupils }}", ["their"]),
        ("sign for equipment issued to them", ["them"]),
        ("follow the school’s rules on access when they work from home", []),
        ("follow the school’s advice on access when they work from home", ["they"]),
        ("always use this virus scanner unless it is theirs, and across {{ school.name }}", ["theirs"]),
    ],
)
def test_they_for_the_reader_is_found(text: str, found: list[str]) -> None:
    assert pronouns_without_referent(text, KNOWN) == found


@pytest.mark.parametrize(
    "text",
    [
        "give {{ my }} own contact details to {{ pupils }}",
        "change {{ my }} password at once if {{ i }} think that anyone else may know it",
        "use devices that belong to {{ me }}, when {{ i }} use them in school",
        "connect with {{ pupils }} or their families",
        "return the equipment when {{ i }} leave {{ school.name }}",
    ],
)
def test_a_pronoun_of_the_reader_is_clear_where_nobody_else_was_named(text: str) -> None:
    assert not ambiguous_pronouns(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("give {{ pupils }} {{ my }} telephone number", ["my"]),
        ("make sure that messages to colleagues suit {{ my }} role", ["my"]),
        ("tell anyone a password that the school has given {{ me }}", ["me"]),
        ("tell {{ permission_from }} when {{ i }} lose {{ my }} keys", ["i", "my"]),
        ("ask the {{ parent.possessive }} leave before {{ i }} take a picture", ["i"]),
        ("speak to {{ role.dsl }} if {{ i }} worry", ["i"]),
        ("let families or a member of staff see what is {{ mine }}", ["mine"]),
    ],
)
def test_a_pronoun_of_the_reader_after_other_people_is_found(text: str, found: list[str]) -> None:
    assert ambiguous_pronouns(text, KNOWN) == found


def test_no_wording_calls_its_reader_they(library: Library) -> None:
    """A wording for prose is about its readers, and may; what is taught is taught to pupils, whom every frame names."""
    known = referents(library)
    found = [
        str(source)
        for source in sources(library)
        if source.special != Voice.PROSE
        and (source.wording.kind or source.clause.kind) is not Kind.TEACHES
        and pronouns_without_referent(source.text, known)
    ]
    assert not found


READ_AND_CLEAR = {
    "promote-with-pupils": "pupils are in somebody else’s care, never in their own",
}
"""Clauses whose "their" the check finds and a reader cannot misunderstand, each with the reason."""


def test_prose_leaves_no_doubt_who_they_are(library: Library) -> None:
    known = referents(library)
    found = [
        str(source)
        for source in sources(library)
        if source.clause.id not in READ_AND_CLEAR
        and (source.special in set(Audience) or Voice.PROSE not in source.revision.special)
        and source.special in {"", *Audience}
        and ambiguous_pronouns(source.text, known)
    ]
    assert not found, "each needs another order, or a `prose:` wording:\n" + "\n".join(found)


def test_what_is_read_and_clear_is_still_needed(library: Library) -> None:
    known = referents(library)
    ambiguous = {s.clause.id for s in sources(library) if ambiguous_pronouns(s.text, known)}
    assert set(READ_AND_CLEAR) <= ambiguous


# ---------------------------------------------------------------- the wordings themselves

LEFTOVER = re.compile(
    r"{{|}}|\[\[|\]\]|_{2,}|\.{3}|…|\b(TBC|TBA|TODO|FIXME|XX+|N/A|lorem|placeholder)\b"
    r"|[\[<](insert|name|your|enter|delete|school|date)\b",
    re.IGNORECASE,
)
OF_ONE_SCHOOL = re.compile(
    r"\b\d{1,2}([.:]\d{2})? ?(am|pm)\b|\b\d{1,2}[.:]\d{2}\b|\bo[’']clock\b"  # hours
    r"|[\w.]+@[\w.]+|\bwww\.|https?:|\b0\d{2,4}[ -]?\d{3}|\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b"  # where to find it
    r"|\b(20\d\d)\b"
)
PRODUCTS = re.compile(
    r"\b(sims|bromcom|scholarpack|isams|parentpay|parentmail|cpoms|myconcern|google|gmail|chromebooks?"
    r"|microsoft|office 365|onedrive|sharepoint|ipads?|iphones?|facetime|airdrop|whatsapp|facebook|instagram"
    r"|twitter|tiktok|snapchat|youtube|linkedin|roblox|minecraft|skype|dropbox|classdojo|smoothwall|chatgpt)\b"
    # These are words as well as names.
    r"|\b(?-i:Arbor|Teams|Zoom|Gemini|Copilot|Outlook|Windows|Android|Apple|Discord|Seesaw|Tapestry|Impero)\b",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b((behav|col|fav|neighb)or|(organ|author|recogn|real|minim|apolog)iz|analyz|center\b|labeled|cell ?phone)"
    r"|\b(e-mail|e-?safety|ICT)\b",
    re.IGNORECASE,
)
PROPER = re.compile(
    r"(AI|IT|UK|US|PIN|QR|USB|VPN|CCTV|GDPR|SEND|SIRO|DBS|WEEE|Wi-Fi|Bluetooth|Key|Stage|Welsh|English|[A-Z]{2,}s)"
)
OFFICIAL = re.compile(
    r"Environment Agency|Natural Resources Wales|Information Commissioner|Disclosure and Barring Service"
    r"|Common Transfer Files"
)
"""Names of public bodies and of what they prescribe: the same for every school of a nation."""
"""Words a library wording may write with a capital."""


def test_wordings_hold_no_placeholder_left_over(library: Library) -> None:
    texts = [(str(s), s.literals) for s in sources(library)]
    texts += [(clause.id, clause.rationale) for clause in library.clauses.values()]
    assert not [where for where, text in texts if LEFTOVER.search(text)]


def test_wordings_hold_nothing_of_one_school(library: Library) -> None:
    """Hours, addresses and telephones are values; so are products, and every name of a person or place."""
    found = []
    for source in sources(library):
        match = OF_ONE_SCHOOL.search(source.literals) or PRODUCTS.search(source.literals)
        # A wording for one audience is of whole sentences, sometimes of several.
        text = (
            re.sub(r"(^|\. )[A-Z]", r"\1", source.literals)
            if source.special in set(Audience)
            else source.literals
        )
        named = OFFICIAL.sub("", text)
        capitals = [w for w in re.findall(r"\b[A-Z][\w-]*", named) if not PROPER.fullmatch(w)]
        if source.special in set(Audience) or source.special == Voice.FIRST_PERSON:
            capitals = [word for word in capitals if word != "I"]
        if match or capitals:
            found.append(f"{source}: {match[0] if match else capitals}")
    assert not found


def test_nothing_a_document_prints_by_default_names_a_product(library: Library) -> None:
    printed = [
        *(
            (p.name, f"{p.label} {value_text(p.default) if p.default else ''}")
            for p in library.parameters.values()
        ),
        *((topic.id, topic.title) for topic in library.topics.values()),
        *((role.id, f"{role.title} {role.duty}") for role in library.roles.values()),
        *((name, text_of(pieces, {}, "|")) for name, pieces in library.language.phrases.items()),
        *((path.name, path.read_text(encoding="utf-8")) for path in (ROOT / "templates").glob("*.md.j2")),
    ]
    assert not [(where, match[0]) for where, text in printed if (match := PRODUCTS.search(text))]


def test_wordings_are_in_current_british_english(library: Library) -> None:
    texts = [*((str(s), s.literals) for s in sources(library))]
    texts += [(clause.id, clause.rationale) for clause in library.clauses.values()]
    texts += [(path.name, path.read_text(encoding="utf-8")) for path in (ROOT / "templates").glob("*.md.j2")]
    assert not [(where, match[0]) for where, text in texts if (match := AMERICAN.search(text))]


BARE_VERB = frozenset(
    {Kind.MUST, Kind.MUST_NOT, Kind.MAY, Kind.ROLE_DUTY, Kind.COMMITS, Kind.TEACHES, Kind.PURPOSE}
)
FRAME_WORDS = re.compile(r"(to|not|never|must|will|may|can|should|shall|please|always|I|you|that)\b")


def base_form_faults(text: str, kind: Kind) -> Iterator[str]:
    """Yield what keeps a wording from standing inside a sentence of any voice."""
    first, *_ = text.split(" ", 1)
    if first[:1].isupper() and not PROPER.fullmatch(first):
        yield "a capital at the start"
    if text.endswith((".", "!", "?", ";", ",")):
        yield "a stop at the end"
    if re.search(r"[.!?] ", text):
        yield "two sentences"
    if kind in BARE_VERB and FRAME_WORDS.match(text):
        yield f"`{first}`, which the frame has"
    if kind in BARE_VERB and first.endswith("ing") and first not in ("bring", "sing"):
        yield f"`{first}` where a bare verb is wanted"
    yield from layout_faults(text)


def layout_faults(text: str) -> Iterator[str]:
    """Yield slips of typing: doubled or misplaced spaces and stops, brackets and quotation marks left open."""
    if text != text.strip() or "  " in text or "\n" in text:
        yield "a doubled or outer space"
    if re.search(r" [,.;:!?)\]]|[(\[] |[,;:][,;:.]|\.\.", text):
        yield "a misplaced space or stop"
    if re.search(r",(?=[^\s\d”’])|[;!?](?=[A-Za-z])", text):
        yield "no space after a comma or stop"
    if re.search(r"\b(\w+) \1\b", text):
        yield "a word twice"
    for opening, closing in ("()", "[]", "“”"):
        if text.count(opening) != text.count(closing):
            yield f"{opening} without {closing}"
    if re.search(r"['\"]", text):
        yield "a straight quotation mark"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Keep it", "a capital at the start"),
        ("keep it.", "a stop at the end"),
        ("keep it. Then go", "two sentences"),
        ("not keep it", "`not`, which the frame has"),
        ("keeping it", "`keeping` where a bare verb is wanted"),
        ("keep  it", "a doubled or outer space"),
        ("keep it , then", "a misplaced space or stop"),
        ("keep it,then", "no space after a comma or stop"),
        ("keep the the lid", "a word twice"),
        ("keep it (here", "( without )"),
        ("keep the school's", "a straight quotation mark"),
    ],
)
def test_a_wording_out_of_form_is_found(text: str, fault: str) -> None:
    assert list(base_form_faults(text, Kind.MUST)) == [fault]


@pytest.mark.parametrize(
    "text", ["bring a coat, at 1,000 feet", "AI is a tool (of a kind)", "{{ my }} use is logged"]
)
def test_a_wording_in_base_form_passes(text: str) -> None:
    assert not list(base_form_faults(text, Kind.MUST))


def test_every_wording_is_a_base_form_phrase(library: Library) -> None:
    found = [
        (str(source), faults)
        for source in sources(library)
        # The youngest readers are given whole sentences of their own.
        if source.special not in set(Audience)
        and (faults := list(base_form_faults(source.text, source.wording.kind or source.clause.kind)))
    ]
    assert not found


def test_readers_are_slots_and_never_spelt_out(library: Library) -> None:
    """A literal "your" would stand in "I will …"; a literal "pupils" would stand where a school says children."""
    found = []
    for source in sources(library):
        if source.special in {*Audience, *Voice}:
            continue
        words = (
            r"\b(I|[Mm]e|my|mine|myself|you|yours?|yourself|we|us|ours?|pupils?|students?|parents?|carers?)\b"
        )
        if match := re.search(words, source.literals):
            found.append(f"{source}: {match[0]}")
    assert not found


# ---------------------------------------------------------------- said once

ALIKE = 85.0
"""From here on two wordings say the same: in the whole library the next pair stands at 82. Both measures look at
the whole of both wordings, in their order and with their words sorted; one that looks for a part in another, such as
`token_set_ratio`, takes every two rules that end in "without permission from …" for one."""
SAID_ALIKE_ON_PURPOSE = {
    frozenset({"ai-supervised", "no-personal-recording"}): "one pattern for young readers, two subjects",
}


def likeness(one: str, other: str) -> float:
    """How alike two wordings are, from 0 to 100."""
    return float(max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)))


def said_to(library: Library, audience: Audience) -> list[tuple[str, str]]:
    """The newest words of each clause for some readers: those of their own, else the text and its variants."""
    out = []
    for source in sources(library):
        newest = source.clause.revisions[-1]
        own = audience.value if audience.value in newest.special else ""
        if (
            source.revision is newest
            and source.special == own
            and audience in source.clause.audiences
            and source.clause.until is None
        ):
            out.append((source.clause.id, source.text))
    return out


def test_likeness_tells_a_reworded_rule_from_another() -> None:
    rule = "keep {{ my }} passwords to {{ myself }} at all times"
    assert likeness(rule, "at all times keep {{ my }} passwords to {{ myself }}") >= ALIKE
    assert likeness(rule, "keep {{ my }} passwords to {{ myself }} at any time") >= ALIKE
    assert likeness(rule, "keep {{ my }} desk tidy at all times") < ALIKE


@pytest.mark.parametrize("audience", Audience)
def test_no_two_clauses_tell_a_reader_the_same(library: Library, audience: Audience) -> None:
    """A second clause for one obligation needs the other's history, or none of it: schools would print both."""
    found = [
        (round(alike), one, other)
        for (one, text), (other, other_text) in combinations(said_to(library, audience), 2)
        if one != other
        and frozenset({one, other}) not in SAID_ALIKE_ON_PURPOSE
        and (alike := likeness(text, other_text)) >= ALIKE
    ]
    assert found == []


def test_what_is_said_alike_on_purpose_still_is(library: Library) -> None:
    said = {audience: dict(said_to(library, audience)) for audience in Audience}
    for pair in SAID_ALIKE_ON_PURPOSE:
        one, other = pair
        assert any(
            one in words and other in words and likeness(words[one], words[other]) >= ALIKE
            for words in said.values()
        ), pair


# ---------------------------------------------------------------- what is printed

FIRST_PERSON = re.compile(r"\b(I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b")


@pytest.fixture(scope="module")
def speaker(library: Library, valley: Profile) -> Speaker:
    return speaker_for(library, valley, samples())


Built = list[tuple[Profile, Document]]


@pytest.fixture(scope="module")
def built(library: Library) -> Built:
    documents: Built = []
    for profile in samples():
        bound, found = bind_profile(library, profile)
        assert not found
        documents += [(profile, document) for document in bound.documents]
    return documents


def printed_clauses(document: Document, library: Library) -> Iterator[tuple[str, str, Said]]:
    """Yield the clause, its voice and its words; a ``lead_in`` says that it is an item of a list."""
    items = library.language.voices[Voice.INSTITUTION].items
    for section in sections(document.blocks):
        listed = {
            item.clause.id
            for block in section.blocks
            if isinstance(block, (BulletList, NumberedList))
            and section.voice in (Voice.RULE_LIST, Voice.INSTITUTION)
            for item in block.items
            if item.clause
        }
        for block in section.blocks:
            if isinstance(block, ListTable):
                cells = (
                    item.clause.id for _, row in block.rows for cell in row for item in cell if item.clause
                )
                listed |= {id_ for id_ in cells if library.clauses[id_].kind in items}
        for mark, inlines in own_clauses(section):
            yield mark.id, section.voice, Said("listed" if mark.id in listed else "", plain_text(inlines))


def said_faults(said: Said) -> Iterator[str]:
    """Yield what is wrong with a clause as printed. A name such as iPads keeps its small letter."""
    first, *_ = said.text.split(" ", 1)
    if said.lead_in:
        if first[:1].isupper() and first[1:].islower():
            yield "an item starts with a capital"
        if said.text.endswith((".", "!", "?")):
            yield "an item ends in a stop"
    else:
        if first == first.lower():
            yield "a sentence starts with a small letter"
        if not re.search(r"[^.!?][.!?]$", said.text):
            yield "a sentence does not end in one stop"
    yield from layout_faults(said.text)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said("", "i will."), "a sentence starts with a small letter"),
        (Said("", "I will"), "a sentence does not end in one stop"),
        (Said("All must:", "Keep it"), "an item starts with a capital"),
        (Said("All must:", "keep it."), "an item ends in a stop"),
    ],
)
def test_a_clause_printed_badly_is_found(said: Said, fault: str) -> None:
    assert list(said_faults(said)) == [fault]


def test_clauses_are_well_formed_in_every_voice(speaker: Speaker) -> None:
    found = [
        (clause.id, label, voice.value, said.text, faults)
        for clause in speaker.library.clauses.values()
        for label, spoken in rows(speaker, clause)
        for voice, said in spoken.items()
        if (faults := list(said_faults(said)))
    ]
    assert not found


def test_clauses_are_well_formed_in_every_sample(library: Library, built: Built) -> None:
    found = [
        (profile.slug, document.meta.id, clause, said.text, faults)
        for profile, document in built
        for clause, _, said in printed_clauses(document, library)
        if not said.text.startswith("[[")  # a choice that an exemplar leaves open stands with all its answers
        if (faults := list(said_faults(said)))
    ]
    assert not found


def test_only_the_first_person_says_i(speaker: Speaker) -> None:
    found = [
        (clause.id, label, voice.value, said.text)
        for clause in speaker.library.clauses.values()
        for label, spoken in rows(speaker, clause)
        for voice, said in spoken.items()
        # A wording for one audience may be in its own words, whatever the voice around it.
        if voice is not Voice.FIRST_PERSON and not label.startswith("to ") and FIRST_PERSON.search(said.text)
    ]
    assert not found


def test_sections_of_other_voices_do_not_say_i(library: Library, built: Built) -> None:
    found = [
        (profile.slug, document.meta.id, clause, said.text)
        for profile, document in built
        for clause, voice, said in printed_clauses(document, library)
        if voice != Voice.FIRST_PERSON and FIRST_PERSON.search(said.text)
    ]
    assert not found


def outside_clauses(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield headings, introductions and lead-ins, without the appendices, which have voices of their own."""
    for block in blocks:
        if isinstance(block, Section) and not block.appendix:
            yield plain_text(block.title)
            yield from outside_clauses(block.blocks)
        elif isinstance(block, Paragraph) and block.clause is None and block.role != "motto":
            yield plain_text(block.inlines)


def test_pages_of_other_voices_do_not_say_i(library: Library, built: Built) -> None:
    found = []
    for profile, document in built:
        choice = next(c for c in profile.documents if c.id == document.meta.id)
        if (choice.voice or library.documents[document.meta.id].voice) is not Voice.FIRST_PERSON:
            texts = outside_clauses(document.blocks)
            found += [(profile.slug, document.meta.id, text) for text in texts if FIRST_PERSON.search(text)]
    assert not found


def test_documents_hold_no_placeholder_left_over(built: Built) -> None:
    """An exemplar shows its fill-ins in double brackets."""
    found = []
    for profile, document in built:
        for _, text in lines(document):
            if profile.kind is ProfileKind.EXEMPLAR:
                text = re.sub(r"\[\[[^\[\]]+\]\]", "", text)
            if LEFTOVER.search(text):
                found.append((profile.slug, document.meta.id, text))
    assert not found


# ---------------------------------------------------------------- the clauses


def test_every_clause_has_an_owner_a_reason_and_readers(library: Library) -> None:
    for clause in library.clauses.values():
        assert clause.owner in library.roles, clause.id
        assert clause.audiences, clause.id
        assert re.fullmatch(r"[A-Z].*[a-z]\.", clause.rationale), clause.id
        assert not list(layout_faults(clause.rationale)), clause.id


@pytest.fixture(scope="module")
def everything(library: Library) -> dict[str, set[str]]:
    """The clauses that each document type prints for a school that issues all of them and switches everything on."""
    printed: dict[str, set[str]] = {}
    for slug in ("oakfield", "bryn-derw"):
        profile = sample(slug)
        answers = {
            name: Setting(FlagValue(values[0] == "true") if values[0] in ("true", "false") else ChoiceValue(values[0]),
                          slug, profile.parameters_span)
            for clause in library.clauses.values()
            for name, values in clause.when
        }  # fmt: skip
        asked = {
            c.id: ClauseChoice("A test", c.span, slug, use=True)
            for c in library.clauses.values()
            if c.optional
        }
        school = replace(
            profile,
            parameters={**profile.parameters, **answers},
            clause_choices=asked,
            documents=tuple(DocumentChoice(id_, profile.parameters_span) for id_ in library.documents),
        )
        bound, _ = bind_profile(library, school)
        for document in bound.documents:
            clauses = {mark.id for section in sections(document.blocks) for mark, _ in own_clauses(section)}
            printed.setdefault(document.meta.id, set()).update(clauses)
    return printed


def test_every_clause_is_printed_by_a_document_under_some_setting(
    library: Library, everything: dict[str, set[str]]
) -> None:
    """A profile can name any clause for a section; this asks that a document type has a place for it by itself."""
    printed = set().union(*everything.values())
    ours_alone = {c.id for c in library.clauses.values() if set(c.audiences) == {Audience.SCHOOL}}
    retired = {c.id for c in library.clauses.values() if c.until is not None}
    assert set(library.clauses) - ours_alone - retired - printed == set()


def test_one_obligation_has_one_id(library: Library) -> None:
    """What adults, pupils and parents are told of the same rule stands in one clause, worded for each."""
    of_one_reader = re.compile(r"(?:staff|pupil|parent)-(.+)")
    twins = [
        id_ for id_ in library.clauses if (m := of_one_reader.fullmatch(id_)) and m[1] in library.clauses
    ]
    assert twins == []


MODERN = {
    "mfa-enrol", "mfa-prompt-care", "password-manager", "phishing-report", "ai-approved-tools",
    "ai-no-personal-data", "ai-human-decision", "no-deepfakes", "staff-wearables", "smart-glasses",
    "approved-cloud", "no-personal-cloud", "byod-permission", "byod-mdm", "staff-chat-groups",
    "no-private-messaging-pupils", "no-bypass", "breach-report", "leaver-accounts", "leaver-delete-data",
    "home-working-security", "travel-abroad", "misinformation", "data-complaint-route", "report-to-dsl",
    "report-adult-concern", "nudes-staff-response", "compromise-report",
}  # fmt: skip


@pytest.mark.parametrize("slug", ["oakfield", "millbrook", "bryn-derw"])
def test_a_staff_policy_of_today_holds_modern_ground(library: Library, built: Built, slug: str) -> None:
    printed = {
        clause
        for profile, document in built
        if (profile.slug, document.meta.id) == (slug, "staff-policy")
        for clause, _, _ in printed_clauses(document, library)
    }
    assert MODERN - printed == set()


def test_every_parameter_is_asked_for_by_a_clause_or_a_page(library: Library) -> None:
    named = {name for clause in library.clauses.values() for name in clause.parameter_names()}
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").glob("*.j2"))
    assert not [name for name in library.parameters if name not in named and name not in pages]


# ---------------------------------------------------------------- articles


def test_no_article_stands_before_a_word_the_school_chooses(library: Library) -> None:
    """A school may call its pupils apprentices: "a {{ pupil }}" would print "a apprentice"."""
    concepts = library.language.vocabulary.values()
    words = "|".join(name for c in concepts for name in (c.placeholder, c.plural))
    article = re.compile(rf"\ban? {{{{ ?({words})\b", re.IGNORECASE)
    assert article.search("ask a {{ pupil.possessive }} friend")
    wrong = [str(source) for source in sources(library) if article.search(source.text)]
    templates = [
        path.name for path in (ROOT / "templates").glob("*.j2") if article.search(path.read_text("utf-8"))
    ]
    assert not wrong + templates
