"""What a hypothesis answers: whether it holds, and why; anything else is refused in one sentence."""

import dataclasses

import numpy as np
import pytest

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import Hypothesis, find
from broximal.verify import check


class Answers(Hypothesis):
    name, latex = "own", "h"
    answer = (True, "as stated")

    def look(self, experiment):
        return self.answer


def report(answer):
    own = Answers()
    object.__setattr__(own, "answer", answer)
    theorem = dataclasses.replace(find("bpm.star_rate"), name="mine.rate", assumes=(own,))
    return check(theorem, Quadratic.example(3, 1), L2(), steps=3)


@pytest.mark.parametrize("answer", [True, None, "no", (np.nan, "why"), (True, "a", "b"), (1, "why")])
def test_an_answer_that_is_no_truth_value_with_a_reason_is_refused(answer):
    found = report(answer)
    assert found.verdict == "not applicable"
    assert found.why.startswith("hypothesis own must answer (True or False, why), not")


def test_a_truth_value_with_a_reason_is_taken():
    assert report((np.bool_(True), "why")).verdict in ("holds", "loose")
    assert report((False, "why")).why == "own: why"
