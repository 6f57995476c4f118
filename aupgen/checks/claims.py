"""Claims that a wording must not make: about encryption, about searches, about the criminal law."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aupgen.checks.view import Passage
from aupgen.source.diagnostics import Diagnostic, Severity

_ENCRYPTION = re.compile(
    r"\bencrypt\w*\s*(?:\(|,? ?(?:i\.?e\.?,?|e\.?g\.?,?|that is,?|for example,?|such as|by (?:using |means of )?|with|using|through|or|/))\s*(?:e\.?g\.?,? )?[^.;]{0,40}?\bpass ?(?:word|code|phrase)\w*(?:[- ](?:protect|secure)\w*)?"
    r"|\bpass ?(?:word|code)[- ]?(?:protect\w*|secured)?\s*(?:\(|,? ?(?:i\.?e\.?,?|that is,?|or|/))\s*(?:otherwise )?encrypt\w*"
    r"|\bpass ?(?:word|code)s? (?:counts? as|is|are|means?|amounts? to) encrypt\w*",
    re.I,
)
_PASSWORD_ONLY = re.compile(
    r"\bpass ?(?:word|code)[- ](?:protect|secur)\w*[^.;]{0,40}|\bprotect\w*[^.;]{0,60}\b(?:with|by) (?:a |strong )*pass ?(?:word|code)s?\b",
    re.I,
)
_CARRIED = re.compile(
    r"\b(?:memory sticks?|usb|pen drives?|laptops?|drives?|discs?|disks?|attachments?|files?|documents?|removable|portable|off[- ]site|spreadsheets?|zip)\b",
    re.I,
)
_PERSONAL = re.compile(
    r"\b(?:personal|sensitive|confidential|pupil|student|staff) (?:or \w+ )?(?:data|information|records?)\b|\bdata\b",
    re.I,
)
_ENCRYPT = re.compile(r"\bencrypt", re.I)

_SEARCH = re.compile(
    r"\b(?:search(?! for (?:{{ my|my|your|lost))|examine|inspect|look through|go through|check the contents of|seize and search)\b[^.;]{0,40}?"
    r"\b(?:any|all|every|each|their|your|my|(?:pupils?|students?|child(?:ren)?|staff)[’']?s?|the)\b[^.;]{0,30}?\b(?:phones?|devices?|mobiles?|tablets?|bags?|lockers?|belongings|possessions|equipment)\b"
    r"|\b(?:phones?|devices?|mobiles?|tablets?|belongings|possessions)\b[^.;]{0,40}?\b(?:will|may|can|must) (?:always )?be (?:routinely |randomly )?(?:searched|examined|inspected)\b"
    r"|\bright to search\b",
    re.I,
)
_GROUND = re.compile(
    r"\b(?:law(?:ful(?:ly)?)? (?:allows?|permits?|lets?|ground)|lawful|legal (?:power|ground)|as far as the law|where the law|reasonable (?:grounds?|suspicion)|suspect\w*|good reason"
    r"|in line with|authoris\w* (?:staff|by the head\w*)|right to do so|are allowed to|education act|school[- ](?:owned|provided|issued)|school devices|the school’s (?:own )?|school equipment|consent|belong\w* to the school|lent|loan\w*)",
    re.I,
)

_CRIME = re.compile(
    r"\b(?:is|are|constitutes?|amounts? to|commits?|will be|would be) (?:always |also |itself )?(?:an? )?(?:criminal )?(?:offences?|crimes?|illegal|unlawful|a criminal act)\b"
    r"|\b(?:is|are) (?:always )?(?:a )?criminal offences?\b|\b(?:is|are) against the law\b|\bbreak(?:s|ing)? the law\b|\bwill be prosecuted\b|\bwill be reported to the police\b",
    re.I,
)
_HEDGED = re.compile(
    r"\b(?:that|which|whether it|if it|where it|what|whatever|anything|some of (?:it|them|these))\s*$"
    # One of two things that may be said of it: "a message that is very disturbing or breaks the law".
    r"|\b(?:that|which) is (?:\w+ ){1,3}or\s*$",
    re.I,
)
_KNOWN_CRIME = re.compile(
    r"\b(?:indecent|sexual|sext|nudes?|naked|intimate|child abuse|terroris|extremis|stalk|blackmail|upskirt|threats? to kill|hate crime|under 18|deepfake)",
    re.I,
)


def encryption_taken_for_a_password(passage: Passage) -> Iterator[Diagnostic]:
    """What it checks:
        A wording does not treat a password and encryption as the same thing, nor ask for a password alone where
        personal data is carried or sent.
    Why it matters:
        A password keeps people out of an account. Whoever finds a memory stick or opens an attachment can read the
        files beside it, unless they are encrypted.
    Example:
        "keep personal data on memory sticks that are encrypted (password protected)"
    What to do:
        Ask for encryption: "encrypt personal data on memory sticks". A password may come on top.
    Source:
        UK GDPR, Article 32(1)(a); guidance of the Information Commissioner on encryption.
    """
    text = passage.text
    found = _ENCRYPTION.search(text)
    if found is None and _CARRIED.search(text) and _PERSONAL.search(text) and not _ENCRYPT.search(text):
        found = _PASSWORD_ONLY.search(text)
    if found:
        message = f"`{passage.clause.id}` takes a password for encryption, and a password alone does not protect files"
        help_ = (
            "ask for encryption, such as “encrypt personal data on memory sticks”; a password may come on top"
        )
        yield _warning("AUP343", passage, found[0], message, help_)


def search_without_lawful_ground(passage: Passage) -> Iterator[Diagnostic]:
    """What it checks:
        A wording that announces a search of phones, devices or belongings says that it needs a lawful ground.
    Why it matters:
        School staff may search a pupil only where the law gives them the power, and staff and visitors hardly ever.
        A policy that promises more invites a search that is unlawful, and what is found may not be used.
    Example:
        "the school will search any device brought on site"
    What to do:
        Say who may search and that it happens only where the law allows: "staff with the right to do so may search
        for a device, as far as the law allows".
    Source:
        Education Act 1996, sections 550ZA to 550ZD, and the guidance on searching, screening and confiscation
        (England); other nations have rules of their own.
    """
    found = _SEARCH.search(passage.text)
    if found and not _GROUND.search(passage.text):
        message = f"`{passage.clause.id}` announces a search without saying that it needs a lawful ground"
        help_ = "say who may search, and add “as far as the law allows”"
        yield _warning("AUP344", passage, found[0], message, help_)


def crime_overstated(passage: Passage) -> Iterator[Diagnostic]:
    """What it checks:
        A wording does not say that breaking a school rule *is* a crime. Some acts can be one; few always are. Acts
        that are, such as sharing sexual pictures of somebody under 18, are let be.
    Why it matters:
        A claim about the law that is not true makes the rest of the policy doubtful, and frightens those who meant no
        harm.
    Example:
        "any unauthorised use of school equipment is a criminal offence"
    What to do:
        Write what is true: "getting into a system without permission can be a crime".
    Source:
        Computer Misuse Act 1990, sections 1 to 3A: unauthorised access is an offence only with knowledge.
    """
    text = passage.text
    for found in _CRIME.finditer(text):
        before = text[: found.start()]
        if _HEDGED.search(before) or _KNOWN_CRIME.search(text):
            continue
        message = f"`{passage.clause.id}` says for certain that something is a crime"
        help_ = "write that it *can* be a crime, or cite the law that makes it one"
        yield _warning("AUP345", passage, found[0], message, help_)
        return


def _warning(code: str, passage: Passage, words: str, message: str, help_: str) -> Diagnostic:
    return Diagnostic(
        code, passage.at(words), message, help_, Severity.WARNING,
        clause=passage.clause.id, profile=passage.profile or None,
    )  # fmt: skip
