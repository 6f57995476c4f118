"""The codes of findings: what each one means, for `aupgen explain CODE` and for the reader of a message.

AUP1xx reading and shape · 2xx references and values · 3xx content · 4xx years and approval · 5xx templates
and output · 6xx packs. A code is never renumbered and never used again for something else.
"""

from __future__ import annotations

from msgspec import Struct


class Code(Struct, frozen=True):
    """A finding's stable code, its name (the bad thing) and a plain explanation with the way out.

    ``explanation`` is "" for what `aupgen check` alone finds: its rule says it, with example and source.
    """

    code: str
    name: str
    explanation: str


_TABLE = (
    Code(
        "AUP101",
        "not-utf-8",
        "The file is not saved as UTF-8 text. Open it in a plain text editor and save it again with the "
        "encoding UTF-8. Word documents, zip files and web pages cannot be read as YAML.",
    ),
    Code(
        "AUP102",
        "not-yaml",
        "The file breaks the rules of YAML at this place, so nothing after it could be read. The usual causes "
        "are a line that is indented too far or not far enough, a colon followed by a space inside unquoted "
        "text, or a quotation mark that is not closed.",
    ),
    Code(
        "AUP103",
        "key-given-twice",
        "The same key stands twice in one place. Only one can count, so the tool asks you to choose. Keep one "
        "of the two lines and delete the other.",
    ),
    Code(
        "AUP104",
        "yaml-feature-not-used-here",
        "Anchors (&name), aliases (*name), tags (!name), directives (%NAME), merge keys and second documents in "
        "one file are not used in aupgen files. Write the value out in full, and put quotation marks round text "
        "that begins with one of these signs.",
    ),
    Code(
        "AUP105",
        "character-not-allowed",
        "The text holds a character that cannot stand in a document: a tab, a control character, a hidden "
        "direction mark, or a space that is not an ordinary space at the start of a line. Such characters often "
        "come along when text is pasted from a web page. Delete it and type an ordinary space.",
    ),
    Code(
        "AUP106",
        "file-too-large",
        "The file is larger than aupgen reads (1 MB). A profile or a topic of clauses is a few pages of text; "
        "split the topic in two, or look for what was pasted in by accident.",
    ),
    Code(
        "AUP107",
        "nested-too-deep",
        "The lines are nested more than 20 levels deep, or the file holds more than 5,000 values. No aupgen "
        "file needs that: look for brackets pasted in by accident.",
    ),
    Code(
        "AUP108",
        "nothing-to-read",
        "The file is empty, or does not start with `key: value` lines. Compare it with one of the samples in "
        "`schools/` or `clauses/`.",
    ),
    Code(
        "AUP110",
        "unknown-key",
        "This key is not one that aupgen knows at this place. It is usually a slip of the pen; the message "
        "lists the nearest known key. `aupgen schema profile` prints all keys for editors.",
    ),
    Code(
        "AUP111",
        "key-missing",
        "A key that must be there is not. The message says what it is for; add a line for it.",
    ),
    Code(
        "AUP112",
        "wrong-shape",
        "A list, a block of `key: value` lines or a single text is needed here, and something else was found.",
    ),
    Code(
        "AUP113",
        "value-not-understood",
        "The value is not of the kind that is needed here: a date, a time, a choice from a list, a whole number "
        "or a short text. The message says which.",
    ),
    Code(
        "AUP120",
        "text-cut-at-hash",
        "In YAML a space and # start a comment. Text that holds them, such as a school called Hillside #1, must "
        "stand in quotation marks, or everything from the # on is lost.",
    ),
    Code(
        "AUP201",
        "unknown-role",
        "The role is not in `clauses/roles.yaml`. Roles are posts such as `headteacher` or `dsl`; "
        "`aupgen list roles` prints them all.",
    ),
    Code(
        "AUP202",
        "unknown-framework",
        "The law or guidance cited is not in `clauses/frameworks.yaml`. `aupgen list frameworks` prints them.",
    ),
    Code(
        "AUP203",
        "unknown-parameter",
        "No parameter of this name is declared in `clauses/parameters.yaml`. `aupgen list parameters` prints "
        "them with their questions. Under `reasons:` the name of a post or a document may stand as well.",
    ),
    Code(
        "AUP204",
        "unknown-clause",
        "No clause of this id is in the library. `aupgen list clauses` prints them all.",
    ),
    Code(
        "AUP205",
        "unknown-document",
        "No document type of this id has a template. `aupgen list documents` prints those there are.",
    ),
    Code(
        "AUP206",
        "unknown-section",
        "The document's template has no section of this id. The message lists those it has.",
    ),
    Code(
        "AUP207",
        "id-given-twice",
        "Two clauses, roles, parameters or frameworks carry the same id. Ids are permanent names and must be "
        "unique across the whole library.",
    ),
    Code(
        "AUP208",
        "unknown-topic",
        "No topic file of this name is in `clauses/`. A section chooses clauses by the name of their topic.",
    ),
    Code(
        "AUP209",
        "file-name-not-usable",
        "The profile's file name becomes the name of the folder its documents are written to. Use small letters "
        "a to z, digits and hyphens, at most 63, and none of the names Windows reserves.",
    ),
    Code(
        "AUP210",
        "value-missing",
        "A clause or a page needs a value that this profile does not give and that has no safe default. Answer "
        "the question under `parameters:` or `contacts:`, or with `school_type:` where a rule depends on it. "
        "Until then nothing of this school is built, so that no document goes out with a gap; "
        "`aupgen build --draft` shows the gaps as fill-ins.",
    ),
    Code(
        "AUP211",
        "parameter-not-used-by-clause",
        "A parameter was set for one clause that does not use it, so the setting would do nothing.",
    ),
    Code(
        "AUP212",
        "two-profiles-one-name",
        "Two profiles would write to the same folder of documents. Rename one of them.",
    ),
    Code(
        "AUP213",
        "choice-not-declared",
        "A `when:` names a value that its parameter can never have, so it would never match; or one that the "
        "phase, the nation or the type of a school (`phase`, `nation`, `school_type`) never is.",
    ),
    Code(
        "AUP214",
        "post-stands-apart",
        "`same_as` gives two posts one holder, and one of them stands apart from the other: a concern about the "
        "headteacher must not reach the headteacher. `separate` in `clauses/roles.yaml` marks such posts.",
    ),
    Code(
        "AUP215",
        "phase-not-of-this-nation",
        "The nation of this profile has no schools of its phase: there are no middle schools in Scotland, for "
        "example. The message lists the phases it has, as `clauses/nations.yaml` gives them.",
    ),
    Code(
        "AUP216",
        "requirement-not-met",
        "A document prints a clause that makes no sense, or is not safe, without another one, and the profile "
        "keeps that other one out: it is switched off, its condition does not hold, or it has no wording for the "
        "year. The message says why the two belong together. Print both, or leave both out with a reason. In the "
        "library: a clause requires itself.",
    ),
    Code(
        "AUP217",
        "clauses-contradict",
        "A document prints two clauses that say different things about one matter, so that its readers cannot "
        "keep both. The message says where they differ. Print one of them. In the library: a clause requires "
        "what it, or another clause it requires, contradicts.",
    ),
    Code(
        "AUP221",
        "parent-missing",
        "`extends` or `area` names a profile that is not there. Write the name of its file without the ending, "
        "such as `northmoor`, or the path from this file to it, such as `../trusts/larkway.yaml`.",
    ),
    Code(
        "AUP222",
        "parent-does-not-fit",
        "A profile can extend an authority, a trust or an exemplar of its own nation, and `area` names an "
        "authority. A school stands below no other school, and takes no rules from another nation.",
    ),
    Code(
        "AUP223",
        "layers-in-a-circle",
        "Profiles extend each other in a circle, so there is no end to what would have to be read. The message "
        "shows the whole circle; take out one `extends:` of it.",
    ),
    Code(
        "AUP224",
        "too-many-layers",
        "More than five profiles stand one above the other. Nobody can see through so many: join two of them.",
    ),
    Code(
        "AUP225",
        "departure-without-reason",
        "A local authority has locked this, which says what it expects of its schools. A school may depart from "
        "it for a reason of its own, and the reason goes on record: add it under `departures:`, or as `reason:` "
        "beside a clause.",
    ),
    Code(
        "AUP226",
        "locked-thing-changed",
        "The trust has locked this for all its schools, and a lock of a trust is a rule. Delete the change, or "
        "ask the trust to lift the lock.",
    ),
    Code(
        "AUP227",
        "departure-from-expectation",
        "The school departs from what its local authority expects, and gives its reason. Nothing needs doing: "
        "the warning keeps the departure in sight.",
    ),
    Code(
        "AUP228",
        "departure-from-nothing",
        "A reason is given under `departures:` for something that no layer above has locked, or that is not "
        "changed here. It is usually left over from an earlier year: delete it.",
    ),
    Code(
        "AUP229",
        "layers-disagree",
        "One layer prints a clause and another leaves it out. What stands nearer the school goes first; the "
        "warning names both places and reasons, so that nobody is overruled unseen.",
    ),
    Code(
        "AUP230",
        "decision-without-effect",
        "A clause is reworded, or given values, that a layer above leaves out altogether, or that is not for the school "
        "or for the reader the words are meant for, so the decision would do nothing. Print a clause that is left out "
        "with `use: true` and a reason, or delete the decision.",
    ),
    Code(
        "AUP231",
        "path-leaves-workspace",
        "`extends` and `area` name profiles of the same workspace. A path or a link that leads out of it is not "
        "followed: what a school takes must be where its authority or trust can see it.",
    ),
    Code(
        "AUP232",
        "profile-above-has-errors",
        "A profile that this one extends, or takes contacts from, has errors, so this one is not built either. "
        "Put right what is reported there.",
    ),
    Code(
        "AUP233",
        "locked-clause-not-printed",
        "A trust or an authority has locked a clause, and no document of this school prints it, because its "
        "sections or its choice of essential clauses pass it over. List the clause under a section’s `clauses:`, "
        "or print all clauses.",
    ),
    # What `aupgen check` alone finds is explained by its rule, in `aupgen/checks/`.
    Code("AUP250", "two-files-for-one-school", ""),
    Code("AUP251", "waiver-unused", ""),
    Code("AUP252", "waiver-of-what-stops-a-build", ""),
    Code(
        "AUP301",
        "clause-without-owner",
        "A clause has no owner role. Every clause names the post that answers for it, so that somebody in each "
        "school explains it, applies it and keeps it up to date. Add `owner:` with a role from "
        "`clauses/roles.yaml`.",
    ),
    Code(
        "AUP302",
        "owner-role-unknown",
        "The clause's owner is not a role in `clauses/roles.yaml`.",
    ),
    Code(
        "AUP303",
        "clause-without-wording",
        "The clause has no wording for the policy year that is built, its revisions are out of order, or "
        "a wording begins after the last year (`until:`) of its clause.",
    ),
    Code(
        "AUP304",
        "document-without-clauses",
        "A document came out without a single clause: every one its sections choose was left out, is for other "
        "readers or other years, or has a condition that does not hold. `aupgen explain PROFILE:CLAUSE` says why.",
    ),
    Code(
        "AUP306",
        "citation-superseded",
        "The clause cites an edition that another has replaced. Documents name the new edition where somebody has "
        "confirmed it, and neither where nobody has. Read the clause against the new edition, and cite that.",
    ),
    Code(
        "AUP307",
        "citation-unconfirmed",
        "The clause cites a law or guidance that nobody stands for: its entry in `clauses/frameworks.yaml` is not "
        "`verified: true` and has no `confirmed_by` and `confirmed_on`, or it is a draft. No document names it until "
        "it is confirmed.",
    ),
    Code(
        "AUP308",
        "citation-of-another-nation",
        "The clause is for some nations only, and cites a law or guidance of other nations alone. An English rule "
        "binds nobody in Wales. Cite what holds in the clause’s own nation, or mend its `nations:`.",
    ),
    Code(
        "AUP309",
        "successors-in-a-circle",
        "Entries of `clauses/frameworks.yaml` replace each other in a circle, so none of them is the newest. Delete "
        "`superseded_by` of the edition that is in force.",
    ),
    Code("AUP310", "owner-without-holder", ""),
    Code("AUP311", "role-retired", ""),
    Code("AUP312", "one-person-in-posts-apart", ""),
    Code("AUP313", "concern-reaches-its-subject", ""),
    Code("AUP314", "role-nobody-holds", ""),
    Code("AUP320", "clause-no-reader-sees", ""),
    Code("AUP321", "clause-no-document-prints", ""),
    Code("AUP322", "parameter-nobody-uses", ""),
    Code("AUP324", "audience-without-wording", ""),
    Code("AUP330", "clauses-contradict-in-words", ""),
    Code("AUP331", "placeholder-left", ""),
    Code("AUP332", "word-processor-debris", ""),
    Code("AUP333", "curly-quotes-for-quotation-marks", ""),
    Code("AUP334", "fact-of-one-school-in-library", ""),
    Code("AUP335", "personal-mobile-published", ""),
    Code("AUP336", "private-email-published", ""),
    Code("AUP337", "contact-of-another-school", ""),
    Code("AUP340", "too-hard-for-its-readers", ""),
    Code("AUP341", "sentence-too-long", ""),
    Code("AUP342", "jargon-for-its-readers", ""),
    Code("AUP343", "encryption-taken-for-a-password", ""),
    Code("AUP344", "search-without-lawful-ground", ""),
    Code("AUP345", "crime-overstated", ""),
    Code("AUP346", "mixed-vocabulary", ""),
    Code("AUP347", "document-too-long", ""),
    Code("AUP348", "clause-said-twice", ""),
    Code(
        "AUP349",
        "one-text-for-different-readers",
        "A profile rewords a clause with one `text`, and the school gives it to pupils of several ages, or to pupils and "
        "to parents, for each of whom the library has words of their own. Words that a class of fourteen reads with ease "
        "are lost on a child of six. Say under `wordings:` what is for whom, by audience, such as `pupil-ks1:`; those "
        "whom you leave out keep the library’s words.",
    ),
    Code(
        "AUP350",
        "retired-clause-named",
        "A section of a document names a clause whose last policy year is over, so nothing is printed for it, and the "
        "document does not print the clause that took its place either. Name that one, or take the old id out. A "
        "profile that also builds earlier years may name both: each prints in its own years.",
    ),
    Code(
        "AUP351",
        "reworded-for-nobody",
        "A profile rewords a clause, and every document that prints the clause is for pupils or parents, who have words of "
        "their own in the library and keep them: the text is for the adults whom the clause is for as well. Say under "
        "`wordings:` what is for whom, by audience, such as `pupil-ks2:`.",
    ),
    Code(
        "AUP352",
        "sentence-begun-twice",
        "A profile’s own wording of a rule begins with words that documents put before it: a rule is written as the rest of "
        "a sentence, such as `tell nobody my password`, and becomes “I will tell nobody my password” or “You must tell "
        "nobody your password” by who reads it. Of a rule that forbids, the “not” is put before it, too.",
    ),
    Code(
        "AUP401",
        "policy-year-not-given",
        "The profile has nothing for the policy year that was asked for.",
    ),
    Code(
        "AUP402",
        "edition-not-of-this-year",
        "The edition takes effect long before the policy year it is printed with, or after it. It happens when "
        "the policy year comes from an authority or trust that has moved on, and the school has not: give the "
        "new year an edition of its own, and keep the old one under `years:`.",
    ),
    Code("AUP403", "review-date-passed", ""),
    Code("AUP404", "policy-year-over", ""),
    Code("AUP406", "waiver-expired", ""),
    Code(
        "AUP410",
        "approval-record-changed",
        "An approval record, or the file of documents beside it, is not as `aupgen approve` wrote it, so it does not "
        "say what was approved. Put the files back from a copy or from version control. A minute reference is added "
        "with `aupgen approve`, and a new decision makes a new record.",
    ),
    Code(
        "AUP411",
        "approved-words-changed",
        "The document’s words are no longer those that were approved, so it prints that it awaits approval. The note "
        "lists what changed. Give the new words an edition of their own, circulate them, and record the approval.",
    ),
    Code(
        "AUP412",
        "contacts-changed-without-edition",
        "Since the approval only names, emails or telephone numbers changed. The approval stands and the documents "
        "say so; but two sets of words now carry one edition number. Give the new one the next number.",
    ),
    Code(
        "AUP413",
        "words-not-circulated",
        "The words that would be approved are not those that were built and circulated, or nobody can tell. A body "
        "approves what it has read. Build and circulate these words, or say `--as-amended` where the body itself "
        "changed them.",
    ),
    Code(
        "AUP414",
        "approved-already",
        "This edition is approved already, with other words, by another body, on another day or under another "
        "minute. A record is never rewritten: only a minute reference that it lacks is added. New words are a new "
        "edition.",
    ),
    Code(
        "AUP415",
        "edition-without-reason",
        "A second or later edition in one policy year does not say why it was made. Readers of the first one will ask.",
    ),
    Code(
        "AUP416",
        "approval-record-misplaced",
        "A file among the approval records does not belong where it stands: its name is not that of a record, it is "
        "of another policy year, or the file of documents that belongs to it is missing.",
    ),
    Code(
        "AUP417",
        "approved-by-another-body",
        "The profile names another body or post as the approver. The approval is recorded as it was given; correct "
        "`approver:`, or `approver:` of the document, if that is how it is now decided.",
    ),
    Code(
        "AUP418",
        "nothing-to-approve",
        "There is nothing here that a body could approve: authorities and trusts issue no documents, an exemplar is "
        "adopted by schools, and a document without an approval line needs no approval.",
    ),
    Code(
        "AUP419",
        "approval-date-unlikely",
        "The day of the approval has not come yet, or is far from the policy year. It is most often a slip in the year.",
    ),
    Code(
        "AUP420",
        "replaced-clause-in-force",
        "A clause says that it replaces another one, and both are in force in the same policy year: readers would "
        "find the rule twice, and `aupgen diff` could not say what took its place. End the old clause with "
        "`until:` in the year before the new one begins.",
    ),
    Code(
        "AUP421",
        "nothing-to-compare",
        "What was asked for cannot be compared: a folder holds no `manifest.json` of a build, or it holds the words "
        "of its clauses only where the whole text is needed, as for a Word file with tracked changes.",
    ),
    Code(
        "AUP422",
        "edition-in-another-language",
        "The two editions of a document are in different languages. Their words are not compared one by one; the "
        "change of language is reported as one change.",
    ),
    Code(
        "AUP423",
        "paper-from-folders",
        "A governors’ paper, or a page of what changed for an audience, was asked for of two built folders. A folder "
        "holds the words of documents, and not who approves them, who signs or why: name the profiles instead.",
    ),
    Code(
        "AUP424",
        "page-of-changes-missing",
        "A workspace has its own `templates/changes/`, and a page that was asked for, or the words for it, are not "
        "among them: the folder comes from an older aupgen.",
    ),
    Code(
        "AUP428",
        "nothing-approved-to-compare",
        "`aupgen diff --approved` compares with words that were approved, and there is no approval record of them: of this "
        "school, of the year that was asked for, or of these documents. Where a record holds some documents of the "
        "year only, the others are compared as the profile has them, and this is a note.",
    ),
    Code("AUP430", "reworded-for-some-readers-only", ""),
    Code("AUP431", "successor-not-printed", ""),
    Code(
        "AUP501",
        "placeholder-not-allowed",
        "Clause wording may name values, such as {{ pupils }} or {{ phone_hours | range }}, and nothing more. "
        "Calculations, loops, conditions, function calls and comments are not part of the wording language; use "
        "`when:` variants and `phrases:` instead.",
    ),
    Code(
        "AUP502",
        "placeholder-unknown",
        "The wording names a value that is neither a parameter, a role, a word of the vocabulary nor a pronoun.",
    ),
    Code(
        "AUP503",
        "markup-not-allowed",
        "Clause wording may hold emphasis, strong emphasis and links to http, https, mailto and tel addresses. "
        "Headings, lists, images, tables, HTML and code belong in templates or nowhere.",
    ),
    Code(
        "AUP504",
        "template-broken",
        "A document template could not be compiled at this line.",
    ),
    Code(
        "AUP505",
        "voice-incomplete",
        "`clauses/voices.yaml` has no frame for a kind of clause in a voice that a document uses.",
    ),
    Code(
        "AUP511",
        "file-edited-by-hand",
        "A file in the output folder was changed after aupgen wrote it, and the build would have replaced it. "
        "It was kept as it is. Move your copy elsewhere, or run again with `--force`: your copy is then saved "
        "beside it with the ending .bak.",
    ),
    Code(
        "AUP512",
        "file-not-ours",
        "A file of this name stands in the output folder and was not written by aupgen. It was kept. Move it "
        "away, or run again with `--force`: it is then saved with the ending .bak.",
    ),
    Code(
        "AUP513",
        "cannot-read-or-write",
        "The system refused to read or write a file: it is missing, locked by another program, or the folder "
        "is full or write-protected.",
    ),
    Code(
        "AUP514",
        "profile-issues-nothing",
        "Authorities, trusts and profiles without a `documents:` list issue no documents of their own. In a folder that "
        "`aupgen init` made from a pack, the pack’s own profiles are passed over where a school’s are named beside them.",
    ),
    Code(
        "AUP601",
        "not-a-pack",
        "The file is not a pack as `aupgen pack` writes it: it is not a zip file, is cut off, or was packed again by "
        "another program. Nothing was taken from it. Ask its publisher for the file again, and use it as it came.",
    ),
    Code(
        "AUP602",
        "pack-member-not-allowed",
        "The pack holds a file that no pack holds: one whose name leads out of its folder, a link, an encrypted file, "
        "a program. Nothing was taken from it. Do not use it, and tell its publisher.",
    ),
    Code(
        "AUP603",
        "pack-member-given-twice",
        "The pack holds two files that would be one file on some systems, so that what is checked is not what is "
        "used. Nothing was taken from it.",
    ),
    Code(
        "AUP604",
        "pack-too-large",
        "The pack, or a file in it, unpacks to more than any pack needs: 8 MB and 500 files in all, 2 MB a file, a "
        "hundred times its packed size. Nothing was taken from it.",
    ),
    Code(
        "AUP605",
        "pack-not-as-listed",
        "The files of the pack are not those that its own list, pack.json, describes by name, size and digest. It "
        "was changed or damaged on its way: ask its publisher for it again.",
    ),
    Code(
        "AUP606",
        "pack-of-another-kind",
        "The pack was made by a newer aupgen, lacks a file that every pack has, or its profile is not an exemplar. "
        "Bring aupgen up to date, or ask the publisher for another pack.",
    ),
    Code(
        "AUP607",
        "pack-could-act",
        "A template, the web page shell or the Word look of the pack does more than print: it loops, runs a script, "
        "loads something from elsewhere or holds a macro. Nothing was taken from it.",
    ),
    Code(
        "AUP610",
        "answer-to-no-question",
        "The answers hold a key that is no question. The starter profile of a pack lists all questions; what else a "
        "school wants to say goes into its profile after `aupgen init`.",
    ),
    Code(
        "AUP611",
        "table-of-answers-broken",
        "The table of answers cannot be read at this cell. Save it from your spreadsheet as CSV (comma separated, "
        "UTF-8), with the keys in the first row and a school in each row below.",
    ),
    Code(
        "AUP612",
        "private-name-in-pack",
        "A pack carries the profiles it was made from. A name that stands in one of them and that no document prints "
        "would be published with it.",
    ),
    Code(
        "AUP613",
        "pack-cannot-be-made",
        "Only an exemplar can be made into a pack, and only from files whose names every system can store: the "
        "exemplar and the profiles above it must stand in the workspace’s `schools/` folder.",
    ),
    Code(
        "AUP614",
        "school-twice-in-answers",
        "Two schools of the answers, or one of them and a school that is in the workspace, would have the same "
        "profile. Give one of them another `file`.",
    ),
    Code(
        "AUP615",
        "answer-missing",
        "The answers lack something that no profile can do without: the name of the school, its phase, or a "
        "document to issue.",
    ),
    Code(
        "AUP616",
        "decision-put-off",
        "The authority changed a clause that this school had changed before, and the school has not decided whose words "
        "it wants. Until it does, its own stay in force. `aupgen init DIR --decide` shows what it was, theirs and "
        "yours, and asks.",
    ),
    Code(
        "AUP617",
        "decision-not-carried-out",
        "The profile says that the authority’s words were taken for a clause, and its own wording of it, or its leaving "
        "it out, still stands and goes first. Delete what stands under `clauses:`, or say `choice: keep`.",
    ),
    Code(
        "AUP618",
        "pack-not-a-later-one",
        "A workspace takes in the next pack of the exemplar that it was set up from: of the same publisher and nation, "
        "and of a later policy year or edition. Another pack needs a folder of its own; an earlier state comes back "
        "with `aupgen init DIR --undo`. The pack that `aupgen pack --since` names must be such an earlier one, too.",
    ),
    Code(
        "AUP619",
        "answers-for-no-school-here",
        "The answers are for a school that has no profile in the workspace. Check its name, or the name of its file "
        "under `file`. A new school is added with `aupgen init DIR --answers FILE`, without `--pack`.",
    ),
    Code(
        "AUP620",
        "roster-without-columns",
        "The list of schools for `aupgen report` is a table with a column `name`, and `slug` (the name of the profile’s "
        "file without its ending) or `file` (the path to it from the table). Save it from your spreadsheet as CSV "
        "(comma separated, UTF-8), with the names of the columns in the first row and a school in each row below.",
    ),
    Code(
        "AUP621",
        "roster-row-broken",
        "This row of the list of schools cannot be used: a school without a name, one whose profile is not named, more "
        "cells than columns, or a quotation mark out of place. Mend the row or delete it.",
    ),
    Code(
        "AUP622",
        "school-twice-in-roster",
        "Two rows of the list of schools name the same profile, so that one school would be counted twice. Delete one.",
    ),
    Code(
        "AUP623",
        "school-not-in-roster",
        "A profile was given that the list of schools does not have. The report shows the school and does not count "
        "it among those expected. Add it to the list, or leave its profile out.",
    ),
    Code(
        "AUP624",
        "profile-of-several-schools",
        "Profiles in several folders have the name that this row gives, and nothing tells which one is meant. Give the "
        "path to the right one in a column `file`.",
    ),
    Code(
        "AUP625",
        "file-of-the-pack-edited",
        "Somebody edited, deleted or added a file of the library in this workspace by hand. Where the next pack leaves "
        "the file as it was, the edit stays in force. Where it changes it too, the pack’s file is in force now and the "
        "edited one is kept under `.before/`. Wording of the school’s own is safe in its profile, under `clauses:`.",
    ),
    Code(
        "AUP626",
        "decision-not-possible",
        "A decision that was given cannot be carried out: `both` needs words of the school’s own to put beside the "
        "authority’s, and a rule that is still there.",
    ),
    Code(
        "AUP627",
        "pack-of-the-same-edition",
        "The pack says the same policy year and edition as the one in the workspace, and holds something else. It was "
        "taken for the later one, as it was not here before. Authorities: give each pack an `edition` of its own.",
    ),
    Code(
        "AUP628",
        "taken-out-of-the-profile",
        "The profile said something that the next pack has no place for: a rule, a question, a post or a document that "
        "is no longer there. The line was taken out, so that the school’s documents can be built; it is kept under "
        "`.before/`.",
    ),
    Code(
        "AUP629",
        "link-in-the-workspace",
        "The next pack is taken into the files of a folder, and into none that a link in it leads to: those may be used "
        "elsewhere, and could not be brought back with `--undo`. Nothing was changed. Put the file or the folder itself in "
        "the place of the link, or move the link away, then run the command again.",
    ),
    Code(
        "AUP630",
        "site-template-broken",
        "A page of the site of a pack cannot be made: its template in `templates/site/` is missing, or cannot be used "
        "at this line. Put back the file that came with aupgen, or mend it.",
    ),
    Code(
        "AUP634",
        "site-without-questions",
        "The site of a pack is made without its page of questions, because a document of the exemplar depends on the "
        "answers in more ways than a page can hold. Schools can still fill in the Word files, or use `aupgen init`.",
    ),
    Code(
        "AUP635",
        "pack-of-no-later-edition",
        "The pack says the policy year and edition of the last pack, which was named with `--since`, or those of an "
        "earlier one. It was made all the same. Schools cannot tell two packs of one edition apart, and do not take an "
        "earlier one after a later one: give each pack an `edition` of its own, with its number, date and reason.",
    ),
    Code(
        "AUP636",
        "answer-not-finished",
        "The file of answers was saved while this answer did not hold yet, such as hours without their end. It is left "
        "open. Take the file back into the page of questions, finish the answer and save again; or answer it in the "
        "profile.",
    ),
    Code(
        "AUP640",
        "folder-of-something-else",
        "The folder for the site of a pack, or for a report, holds what aupgen wrote for something else: the site of "
        "another exemplar, or the documents of a school. All of that would be removed, so nothing was written. Name "
        "another folder, or use `--force`.",
    ),
)

CODES: dict[str, Code] = {entry.code: entry for entry in _TABLE}
