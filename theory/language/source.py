"""Where a statement comes from, honestly."""

import dataclasses
from typing import Literal

Read = Literal["as published", "second hand", "proved here", "false as printed", "false as commonly read"]


@dataclasses.dataclass(frozen=True)
class Source:
    """The paper a statement belongs to and how it is known.

    read       "as published": its text was read; "second hand": read in somebody else's restatement;
               "proved here": derived with the proof in the statement's module docstring, so that no theorem number of
               the paper may stand beside its constants; "false ...": refuted here, with a counterexample
    reference  the paper that the subject comes from
    """

    reference: str
    read: Read
    remark: str = ""

    def __str__(self) -> str:
        return f"{self.reference} [{self.read}]" + (f" {self.remark}" if self.remark else "")


EUCLIDEAN_BPM = "Gruntkowska, Li, Rane, Richtarik 2025, arXiv:2502.02002"
NON_EUCLIDEAN_BPM = "Gruntkowska, Richtarik 2025, arXiv:2510.00823"
GLUON = "Riabinin, Shulgin, Gruntkowska, Richtarik 2025, arXiv:2505.13416"
DROP_MUON = "Gruntkowska, Maziane, Qu, Richtarik 2025, arXiv:2510.02239"
EF21_MUON = "EF21-Muon 2025, arXiv:2510.00643"
MOMENTUM = "Cutkosky, Mehta 2020, arXiv:2002.03305"
KOVALEV = "Kovalev 2025, arXiv:2503.12645"
SCION = "Pethick, Xie, Antonakopoulos, Zhu, Silveti-Falls, Cevher 2025, arXiv:2502.07529"
GGNC = "Pethick et al. 2025, arXiv:2506.01913"
POLAR_EXPRESS = "Amsel, Persson, Musco, Gower 2025, arXiv:2505.16932"
KIM_OH = "Kim, Oh 2026, arXiv:2601.19156"
