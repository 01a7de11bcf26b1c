"""How many of what, in words."""

_ENDS = {"ch": "ches", "s": "ses", "x": "xes"}


def number_of(count: int, noun: str, many: str = "") -> str:
    """The count with its noun, in the plural unless it is one.

        number_of(1, "check")          # 1 check
        number_of(0, "entry")          # 0 entries
        number_of(2, "index", "indices")  # 2 indices

    many  the plural, where it is not the regular one
    """
    return f"{count} {noun if count == 1 else many or _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return next((noun[: -len(end)] + plural for end, plural in _ENDS.items() if noun.endswith(end)), f"{noun}s")
