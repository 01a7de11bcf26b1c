"""Where a statement comes from, honestly."""

import dataclasses
import re
from typing import Literal

Read = Literal["as published", "second hand", "proved here", "false as printed", "false as commonly read"]


@dataclasses.dataclass(frozen=True)
class Paper:
    r"""A paper: authors as "surname, given names" with accents as LaTeX writes them, and where it is to be had.

    >>> paper = Paper(("Richt{\\'a}rik, Peter",), 2025, "On Balls", "2502.00000")
    >>> str(paper)
    'Richtarik 2025, arXiv:2502.00000'
    >>> paper.key
    'richtarik2025balls'
    """

    authors: tuple[str, ...]
    year: int
    title: str
    arxiv: str

    @property
    def key(self) -> str:
        """By which LaTeX cites it."""
        words = [word for word in re.findall(r"[a-z]+", self.title.lower()) if len(word) > 3]
        return f"{re.sub('[^a-z]', '', self._surnames[0].lower())}{self.year}{words[0]}"

    @property
    def bibtex(self) -> str:
        """Its entry for BibTeX; braces keep the letters of the title as they are."""
        fields = {
            "author": " and ".join(self.authors),
            "title": "{" + self.title.replace("&", r"\&") + "}",
            "year": str(self.year),
            "eprint": self.arxiv,
            "archiveprefix": "arXiv",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}\n"

    @property
    def _surnames(self) -> list[str]:
        return [re.sub(r"\{\\.(\w)\}", r"\1", author.partition(",")[0]) for author in self.authors]

    def __str__(self) -> str:
        return f"{', '.join(self._surnames)} {self.year}, arXiv:{self.arxiv}"


@dataclasses.dataclass(frozen=True)
class Source:
    """The paper a statement belongs to and how it is known.

    read       "as published": its text was read; "second hand": read in somebody else's restatement;
               "proved here": derived with the proof in the statement's module docstring, so that no theorem number of
               the paper may stand beside its constants; "false ...": refuted here, with a counterexample
    reference  the paper that the subject comes from: a `Paper`, or text
    """

    reference: Paper | str
    read: Read
    remark: str = ""

    @property
    def bibtex(self) -> str:
        """The entry of its paper; one with a note where the reference is text."""
        if isinstance(self.reference, Paper):
            return self.reference.bibtex
        key = re.sub("[^a-z0-9]", "", self.reference.lower())
        return f"@misc{{{key},\n  note = {{{self.reference}}},\n}}\n"

    def __str__(self) -> str:
        return f"{self.reference} [{self.read}]" + (f" {self.remark}" if self.remark else "")


GRUNTKOWSKA, RICHTARIK = "Gruntkowska, Kaja", "Richt{\\'a}rik, Peter"
PETHICK = ("Pethick, Thomas", "Xie, Wanyun")

EUCLIDEAN_BPM = Paper(
    (GRUNTKOWSKA, "Li, Hanmin", "Rane, Aadi", RICHTARIK),
    2025,
    'The Ball-Proximal (="Broximal") Point Method: a New Algorithm, Convergence Theory, and Applications',
    "2502.02002",
)
NON_EUCLIDEAN_BPM = Paper(
    (GRUNTKOWSKA, RICHTARIK),
    2025,
    "Non-Euclidean Broximal Point Method: A Blueprint for Geometry-Aware Optimization",
    "2510.00823",
)
GLUON = Paper(
    ("Riabinin, Artem", "Shulgin, Egor", GRUNTKOWSKA, RICHTARIK),
    2025,
    "Gluon: Making Muon & Scion Great Again! (Bridging Theory and Practice of LMO-based Optimizers for LLMs)",
    "2505.13416",
)
DROP_MUON = Paper(
    (GRUNTKOWSKA, "Maziane, Yassine", "Qu, Zheng", RICHTARIK),
    2025,
    "Drop-Muon: Update Less, Converge Faster",
    "2510.02239",
)
EF21_MUON = Paper(
    (GRUNTKOWSKA, "Gaponov, Alexander", "Tovmasyan, Zhirayr", RICHTARIK),
    2025,
    "Error Feedback for Muon and Friends",
    "2510.00643",
)
MOMENTUM = Paper(("Cutkosky, Ashok", "Mehta, Harsh"), 2020, "Momentum Improves Normalized SGD", "2002.03305")
KOVALEV = Paper(
    ("Kovalev, Dmitry",),
    2025,
    "Understanding Gradient Orthogonalization for Deep Learning via Non-Euclidean Trust-Region Optimization",
    "2503.12645",
)
SCION = Paper(
    (
        *PETHICK,
        "Antonakopoulos, Kimon",
        "Zhu, Zhenyu",
        "Silveti-Falls, Antonio",
        "Cevher, Volkan",
    ),
    2025,
    "Training Deep Learning Models with Norm-Constrained LMOs",
    "2502.07529",
)
GGNC = Paper(
    (
        *PETHICK,
        "Erdogan, Mete",
        "Antonakopoulos, Kimon",
        "Silveti-Falls, Antonio",
        "Cevher, Volkan",
    ),
    2025,
    "Generalized Gradient Norm Clipping & Non-Euclidean (L0, L1)-Smoothness",
    "2506.01913",
)
POLAR_EXPRESS = Paper(
    ("Amsel, Noah", "Persson, David", "Musco, Christopher", "Gower, Robert M."),
    2025,
    "The Polar Express: Optimal Matrix Sign Methods and Their Application to the Muon Algorithm",
    "2505.16932",
)
KIM_OH = Paper(("Kim, Gyu Yeol", "Oh, Min-hwan"), 2026, "Convergence of Muon with Newton-Schulz", "2601.19156")
PAPERS = (
    *(EUCLIDEAN_BPM, NON_EUCLIDEAN_BPM, GLUON, DROP_MUON, EF21_MUON, MOMENTUM),
    *(KOVALEV, SCION, GGNC, POLAR_EXPRESS, KIM_OH),
)
