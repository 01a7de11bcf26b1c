"""Where statements come from: papers are cited as they are, and as BibTeX reads them."""

import re

import pytest

from broximal.theory import Source, catalogue
from broximal.theory.language.source import PAPERS, Paper


def test_every_paper_has_a_key_and_a_number_of_its_own():
    assert len({paper.key for paper in PAPERS}) == len({paper.arxiv for paper in PAPERS}) == len(PAPERS)


@pytest.mark.parametrize("paper", PAPERS, ids=str)
def test_an_entry_is_balanced_and_has_every_field_once(paper):
    entry = paper.bibtex
    assert entry.count("{") == entry.count("}") and entry.startswith(f"@misc{{{paper.key},\n")
    fields = re.findall(r"^  (\w+) = \{(.*)\},$", entry, flags=re.MULTILINE)
    assert [name for name, _ in fields] == ["author", "title", "year", "eprint", "archiveprefix"]
    assert all("&" not in value.replace(r"\&", "") for _, value in fields)
    authors = fields[0][1].split(" and ")
    assert len(authors) == len(paper.authors) and all(re.fullmatch(r"[^,]+, [^,]+", author) for author in authors)
    assert re.fullmatch(r"\d{4}\.\d{5}", paper.arxiv) and paper.year - 2000 == int(paper.arxiv[:2])
    assert str(paper).isascii()


def test_every_theorem_is_of_a_paper_that_is_listed():
    assert {theorem.source.reference for theorem in catalogue().values()} == set(PAPERS)


def test_a_reference_in_words_has_an_entry_too():
    source = Source("Own notes, 2026", "proved here")
    assert source.bibtex == "@misc{ownnotes2026,\n  note = {Own notes, 2026},\n}\n"
    assert Source(PAPERS[0], "as published").bibtex == PAPERS[0].bibtex


def test_accents_are_those_of_latex_in_entries_and_left_out_elsewhere():
    paper = Paper(('G{\\"o}del, Kurt', "Erd{\\'o}s, Paul"), 1931, "On the Sets", "3101.00001")
    assert (
        str(paper) == "Godel, Erdos 1931, arXiv:3101.00001"
        and '{\\"o}' in paper.bibtex
        and paper.key == "godel1931sets"
    )
