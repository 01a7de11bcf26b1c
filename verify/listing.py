"""What the command line says of the catalogue: lists, cards, and the outlines that stepsizes are computed from.

`Listing` asks the catalogue itself; `Kept` says the same from plain data (see `verify.index`), without making a theorem.
"""

import sys
from typing import Any, Protocol

Row = dict[str, str]


class Answers(Protocol):
    """What can be said of the catalogue."""

    def rows(self, what: str) -> list[Row]:
        """The list of `theorems`, `problems`, `norms` or `constants`."""
        ...

    def card(self, name: str) -> str:
        """The card of a theorem and the text of its module. Raises InvalidArgument for an unknown name."""
        ...

    def outline(self, name: str) -> Any:
        """The outline of a theorem. Raises InvalidArgument for an unknown name."""
        ...

    def outlines(self) -> list[Any]:
        """The outlines of all theorems, by name."""
        ...


class Listing:
    """The answers of the catalogue as it stands in this process."""

    def rows(self, what: str) -> list[Row]:
        return {"theorems": _theorems, "problems": _families, "norms": _norms, "constants": _constants}[what]()

    def card(self, name: str) -> str:
        from broximal.theory.language.catalogue import find, origin

        theorem = find(name)
        module = sys.modules.get(origin(theorem.name.partition("*")[0]))
        text = (module.__doc__ or "").strip() if module is not None else ""
        return theorem.card() + (f"\n\n{text}" if text else "")

    def outline(self, name: str) -> Any:
        from broximal.theory.language.catalogue import find
        from broximal.theory.prescriptions.outline import outline_of

        return outline_of(find(name))

    def outlines(self) -> list[Any]:
        from broximal.theory.language.catalogue import catalogue
        from broximal.theory.prescriptions.outline import outline_of

        return [outline_of(theorem) for theorem in catalogue().values()]


class Kept:
    """The answers that `plain` wrote down."""

    def __init__(self, content: dict[str, Any]):
        self._content = content

    def rows(self, what: str) -> list[Row]:
        return self._content["rows"][what]

    def card(self, name: str) -> str:
        return self._of("cards", name)

    def outline(self, name: str) -> Any:
        from broximal.theory.prescriptions.outline import from_plain

        found = self._of("outlines", name)
        return from_plain(found, self._reader()) if isinstance(found, dict) else found or Listing().outline(name)

    def outlines(self) -> list[Any]:
        from broximal.theory.prescriptions.outline import from_plain

        if not all(self._content["outlines"].values()):
            return Listing().outlines()
        reader = self._reader()
        return [from_plain(found, reader) for found in self._content["outlines"].values()]

    def _of(self, part: str, name: str) -> Any:
        known = self._content[part]
        if name in known:
            return known[name]
        if "*" in name and name.partition("*")[0] in known:
            return getattr(Listing(), {"cards": "card", "outlines": "outline"}[part])(name)
        from broximal.theory.language.names import unknown

        raise unknown(name.partition("*")[0], known)

    def _reader(self) -> Any:
        """Of the formulas; it makes the names of constants known as well."""
        from broximal.theory.language.coding import Reader
        from broximal.theory.language.declaration import declare, from_plain, is_known

        reader = Reader(self._content["formulas"])
        read = [from_plain(each, reader) for each in self._content["declarations"]]
        declare(each for each in read if not is_known(each.key))  # one with its measurement stays
        return reader


def plain() -> dict[str, Any]:
    """All that the catalogue of this process answers, as JSON; None for the outline of a theorem that cannot be kept."""
    from broximal.theory.language.catalogue import catalogue
    from broximal.theory.language.coding import Writer
    from broximal.theory.language.declaration import every, to_plain as declaration

    listing, writer = Listing(), Writer()
    theorems = catalogue()
    content: dict[str, Any] = {
        "rows": {what: listing.rows(what) for what in ("theorems", "problems", "norms", "constants")},
        "cards": {name: listing.card(name) for name in theorems},
        "outlines": {name: _outline(theorem, writer) for name, theorem in theorems.items()},
        "declarations": [declaration(each, writer) for each in every()],
    }
    return content | {"formulas": writer.rows}


def _outline(theorem: Any, writer: Any) -> dict[str, Any] | None:
    from broximal.theory.prescriptions.outline import outline_of, to_plain

    try:
        return to_plain(outline_of(theorem), writer)
    except Exception:  # a rule of a package's theorem may be anything; whoever asks for its stepsizes is told
        return None


def _theorems() -> list[Row]:
    from broximal.theory.language.catalogue import catalogue

    return [
        {"name": t.name, "title": t.title, "source_mark": t.source.read, "expected": t.expected, "repair": t.repair}
        for t in catalogue().values()
    ]


def _families() -> list[Row]:
    from broximal.problems.catalogue import families

    return [
        {"name": alias, "title": (family.__doc__ or "").strip().splitlines()[0]} for alias, family in families().items()
    ]


def _norms() -> list[Row]:
    from broximal.oracles.norms import catalogue

    rows = []
    for entry in catalogue():
        examples = ", ".join(norm.name for norm, _ in entry.examples[:2])
        title = (entry.cls.__doc__ or "").strip().splitlines()
        rows.append(
            {"name": entry.alias or entry.cls.__name__, "examples": examples, "title": title[0] if title else ""}
        )
    return rows


def _constants() -> list[Row]:
    """What `--set` takes, by name: a word that stands for several quantities has the meanings of all."""
    from broximal.theory.language.catalogue import catalogue
    from broximal.theory.language.declaration import every, range_of

    catalogue()  # a statement may declare constants of its own
    rows: dict[str, Row] = {}
    for each in sorted((each for each in every() if each.given), key=lambda each: (each.name, each.key)):
        first = {"name": each.name, "range": str(range_of(each.name)), "title": each.meaning, "units": each.units}
        row = rows.setdefault(each.name, first)
        for part, own in (("title", each.meaning), ("units", each.units)):
            if own not in row[part].split("; "):
                row[part] += f"; {own}"
        if each.safe:
            row["safe"] = f"a {each.safe} one is safe"
    return list(rows.values())
