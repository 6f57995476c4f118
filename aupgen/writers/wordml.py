"""The XML our own writer wrote, as elements; and elements as XML again, sign for sign the same.

Not a general XML library: names keep their prefixes as they are written, and there are no comments, no
declarations and no white space between elements to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from aupgen.writers.html import escape


class Element(Struct):
    """An element with its attributes as written, and its children in order; texts stand among them."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def elements(self) -> Iterator[Element]:
        return (child for child in self.children if isinstance(child, Element))

    def first(self, tag: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.elements if child.tag == tag), None)

    def all(self, tag: str) -> Iterator[Element]:
        """Every element of that name inside, in reading order."""
        for child in self.elements:
            if child.tag == tag:
                yield child
            yield from child.all(tag)


def top_elements(text: str) -> Iterator[str]:
    """Yield the XML of each outermost element in order, without taking it apart."""
    position = 0
    while position < len(text):
        end = min(at for sign in (" ", ">", "/") if (at := text.find(sign, position)) > 0)
        tag = text[position + 1 : end]
        closed = text.find(">", end) + 1
        if text[closed - 2] != "/":
            depth = 1
            while depth:
                close = text.index(f"</{tag}>", closed)
                depth += text.count(f"<{tag}>", closed, close) + text.count(f"<{tag} ", closed, close) - 1
                closed = close + len(tag) + 3
        yield text[position:closed]
        position = closed


def read_elements(text: str) -> list[Element]:
    """Return the elements of some XML of ours in order."""
    root = Element("all", {})
    stack = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda words: stack[-1].children.append(words)
    parser.Parse(f"<all>{text}</all>", True)
    stack_root = root.children[0]
    assert isinstance(stack_root, Element)
    return list(stack_root.elements)


def xml(element: Element) -> str:
    """The element as XML."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attributes.items())
    if not element.children:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{inner_xml(element)}</{element.tag}>"


def inner_xml(element: Element | None) -> str:
    """What stands inside an element, as XML; "" for none."""
    if element is None:
        return ""
    return "".join(escape(child) if isinstance(child, str) else xml(child) for child in element.children)


def words(element: Element) -> str:
    """The words inside an element; a line break is a space."""
    out: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            out.append(child)
        elif child.tag == "w:br":
            out.append(" ")
        else:
            out.append(words(child))
    return "".join(out)
