"""An outline answers as its theorem does, also when it was kept as data."""

import json

import pytest

from broximal.theory import catalogue
from broximal.theory.language.coding import Reader, Writer
from broximal.theory.prescriptions.outline import from_plain, outline_of, to_plain
from broximal.theory.prescriptions.stepsize import parameters

VALUES = {
    "L": 4.0,
    "mu": 0.5,
    "D0": 3.0,
    "d0": 10.0,
    "R0": 5.0,
    "L0": 1.0,
    "L1": 2.0,
    "sigma": 0.5,
    "rho": 1.5,
    "t": 0.1,
}


@pytest.fixture(scope="module")
def kept():
    """Outline of every theorem, as made and as read back."""
    made = {name: outline_of(theorem) for name, theorem in catalogue().items()}
    writer = Writer()
    plain = json.loads(json.dumps({name: to_plain(outline, writer) for name, outline in made.items()}))
    reader = Reader(json.loads(json.dumps(writer.rows)))
    return {name: (made[name], from_plain(plain[name], reader)) for name in made}


def test_outlines_come_back_as_they_were(kept):
    assert len(kept) >= 154
    for made, read in kept.values():
        assert made == read and repr(made) == repr(read)


def answer(outline, target):
    """The lines, or the sentence of a refusal."""
    from broximal.oracles.errors import InvalidArgument

    try:
        return [
            (line.name, line.text, line.latex, line.value, line.missing) for line in parameters(outline, VALUES, target)
        ]
    except InvalidArgument as error:
        return str(error)


def test_stepsizes_of_kept_outlines_are_those_of_the_theorems(kept):
    """In every digit and letter."""
    answered = 0
    for name, (_, read) in kept.items():
        expected = answer(catalogue()[name], 0.5)
        assert answer(read, 0.5) == expected
        answered += isinstance(expected, list) and len(expected) > 0
    assert answered > 60
