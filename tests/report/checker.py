"""What must hold of every page: balanced tags, one outline, no loads, a caption and a table for every figure."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
LOADING = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "img", "form", "base"}
ACTIVE = ("javascript:", "data:text")


class Page(HTMLParser):
    """Reads a page; `faults` lists what is wrong with it, `text` is what a reader sees."""

    def __init__(self, html: str):
        super().__init__()
        self.faults: list[str] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self.figures: list[set[str]] = []
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self._whole(html)

    def _whole(self, html: str) -> None:
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        if self.headings[:1] != [1] or self.headings.count(1) != 1:
            self.faults.append("a page has one h1, first of its headings")
        steps = zip(self.headings, self.headings[1:], strict=False)
        self.faults += [f"h{a} is followed by h{b}" for a, b in steps if b > a + 1]
        needed = {"figcaption", "svg", "title", "desc", "details", "table", "caption"}
        self.faults += [f"a figure lacks {sorted(needed - parts)}" for parts in self.figures if needed - parts]
        if not html.startswith("<!DOCTYPE html>"):
            self.faults.append("no doctype")
        for wanted in ('<html lang="en">', 'name="viewport"', "Content-Security-Policy", "prefers-color-scheme: dark",
                       "@media print"):  # fmt: skip
            if wanted not in html:
                self.faults.append(f"no {wanted}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else, at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(data)

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tags.append(tag)
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}> is not allowed")
        if tag == "figure":
            self.figures.append(set())
        elif "figure" in self._open:
            self.figures[-1].add(tag)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        identifier = attributes.get("id")
        if identifier in self.ids:
            self.faults.append(f"id {identifier!r} is used twice")
        self.ids |= {identifier} if identifier else set()
        for name, value in attributes.items():
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.faults.append(f"<{tag} {name}> runs code")
        outside = value and not value.startswith(("#", "data:image/"))
        if outside and (name in LOADING or (name == "href" and tag != "a")):
            self.faults.append(f"<{tag} {name}={value!r}> loads something")
        if name == "href" and value.strip().lower().startswith(ACTIVE):
            self.faults.append(f"<{tag} href={value!r}> runs code")
        if "url(" in value and "url(#" not in value:
            self.faults.append(f"<{tag} {name}={value!r}> loads something")
