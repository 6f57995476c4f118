"""The shape of `templates/pack/questions.yaml`: what is asked of a school beside the library's parameters."""

from __future__ import annotations

from aupgen.source.shape import Line, Name, Shape, described


class AskedShape(Shape):
    question: Line = described("the question; may hold {post}")
    help: Line = described("what to write", default="")


class StarterShape(Shape):
    intro: list[Line] = described("what stands at the top of a starter profile; may hold {issuer} and {year}")
    must: Line = described("what stands above a question that has to be answered")
    may: Line = described("what stands above a question with a default")
    none: Line = described("what stands above a question that may stay unanswered")
    choice: Line = described("what stands above a choice; may hold {answers}")


class TextsShape(Shape):
    questions: dict[Name, AskedShape] = described("the questions by what they ask")
    starter: StarterShape = described("the comments of a starter profile")
