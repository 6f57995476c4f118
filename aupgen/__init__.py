"""aupgen, a policy compiler for UK school acceptable use policies.

Clauses (YAML) and templates are compiled into a library; a school's profile is bound to it; the result is
a set of document trees that the writers turn into Word, web page and Markdown. Data flows one way:
``source`` → ``policy`` → ``document`` → ``library`` → ``profiles`` → ``binding`` → ``writers`` → ``files``,
``cli``; a module imports only from stages before its own.
"""

__version__ = "0.1.0"
