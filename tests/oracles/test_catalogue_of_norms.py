"""Names and the catalogue."""

import pkgutil

import pytest

from broximal.oracles import norms
from broximal.oracles.norms import CvxpyNorm

NAMED = [norm for entry in norms.catalogue() for norm, _ in entry.examples if not isinstance(norm, CvxpyNorm)]


@pytest.mark.parametrize("norm", NAMED, ids=lambda norm: norm.name)
def test_names_are_read_back(norm):
    for member in (norm, norm.dual):
        again = norms.parse(member.name)
        assert type(again) is type(member)
        assert again.name == member.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LP(3)", "lp(3)"),
        (" Spectral ", "spectral"),
        ("lp(inf)", "lp(inf)"),
        ("schatten(topk(2))", "schatten(topk(2))"),
        ("dual(rms_to_rms)", "size_scaled(nuclear, 0.5, -0.5)"),
        ("scaled(0.5, KyFan(2))", "scaled(0.5, kyfan(2))"),
        ("mixed(l1, l2, columns)", "mixed(l1, l2, columns)"),
        ("product([spectral, l1], [2, 1])", "product([spectral, l1], [2, 1])"),
    ],
)
def test_parse(text, name):
    assert norms.parse(text).name == name


def test_no_digit_of_a_number_is_lost():
    third, P = 1 / 3, [[2.0, 0.1], [0.1, 1 / 3]]
    assert norms.parse(norms.Lp(1 + third).name).p == 1 + third
    assert norms.parse(norms.Scaled(third, norms.L1()).name).c == third
    assert norms.parse(norms.WeightedL1([third, 1e-20]).name).weights.tolist() == [third, 1e-20]
    assert norms.parse(norms.Ellipsoid(P).name).matrix_p.tolist() == P
    assert norms.parse(norms.Product([norms.L1()], [third]).name).radii == (third,)
    assert norms.parse(norms.SizeScaled(norms.L1(), third, 0).name).powers == (third, 0)
    assert r"1.33333333333}" in norms.Lp(1 + third).latex  # which is for eyes


def test_the_names_of_scion():
    assert norms.parse("ColNorm").name == "one_to_rms"
    assert norms.parse("rownorm").name == "rms_to_inf"
    assert norms.parse("scaled(2, Sign)").name == "scaled(2, one_to_inf)"


def test_a_norm_is_its_own_name():
    norm = norms.Lp(3)
    assert norms.parse(norm) is norm


def test_every_file_of_the_folder_is_in_the_catalogue():
    files = {m.name for m in pkgutil.iter_modules(norms.__path__) if not m.name.startswith("_")} - {"registry"}
    assert files == {entry.cls.__module__.rpartition(".")[2] for entry in norms.catalogue()}


def test_every_norm_says_what_it_is():
    for entry in norms.catalogue():
        assert entry.cls.__doc__ and entry.examples
        assert norms.__dict__[entry.cls.__name__] is entry.cls
        for norm, _ in entry.examples:
            assert norm.name in repr(norm)
            assert norm._repr_latex_().startswith("$") and norm.dual.latex
