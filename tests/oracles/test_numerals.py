"""Counts with their nouns: one is never "1 checks", neither in the helper nor in what the commands print."""

import re
from pathlib import Path

import pytest

import broximal
from broximal.oracles.numerals import number_of

SOURCES = [
    path
    for room in ("oracles", "problems", "theory", "verify")
    for path in Path(broximal.__file__).parent.joinpath(room).rglob("*.py")
]
COUNT = re.compile(
    r"(?:\{len\([^{}]*\)\}|\{[a-z_.]*(?:count|size|total|length|steps|number|unreadable|trials)\}) (?:[a-z]+ )?"
    r"(?:statements|checks|claims|paths|steps|seeds|indices|lines|entries|rows|columns|classes|layers|workers|arms|groups|units)\b"
)


@pytest.mark.parametrize(
    "count, noun, many, said",
    [
        (1, "check", "", "1 check"),
        (0, "check", "", "0 checks"),
        (2, "entry", "", "2 entries"),
        (2, "array", "", "2 arrays"),
        (3, "class", "", "3 classes"),
        (3, "branch", "", "3 branches"),
        (3, "box", "", "3 boxes"),
        (2, "index", "indices", "2 indices"),
        (1, "holds", "hold", "1 holds"),
        (7, "unfinished check", "", "7 unfinished checks"),
    ],
)
def test_one_is_one(count, noun, many, said):
    assert number_of(count, noun, many) == said


def test_no_sentence_puts_a_plural_after_a_number_by_itself():
    assert COUNT.search('f"{len(words)} statements"') and len(SOURCES) > 300
    found = [f"{path.name}: {hit[0]}" for path in SOURCES for hit in COUNT.finditer(path.read_text(encoding="utf-8"))]
    assert not found, found
