"""What a sweep prints at its end."""

from broximal.oracles.norms import L2, LInf, Product
from broximal.problems import Quadratic
from broximal.theory import find
from broximal.theory.cases.gluon import coupled
from broximal.verify import check
from broximal.verify.summary import print_summary


def test_the_norm_of_an_unexpected_verdict_is_printed_with_its_brackets(capsys):
    wrong = find("gluon.secant").altered(0.01)
    problem = coupled(0)
    report = check(wrong, problem, Product([L2(), LInf()]), steps=5)
    records = [record | {"job": "one", "as_expected": False} for record in report.records()]
    print_summary(records)
    out = capsys.readouterr().out
    assert "in product([l2, linf], [1, 1]):" in out
    assert "\n1 check, 0 as expected, 1 not." in out


def test_a_false_statement_that_is_not_refuted_says_what_is_amiss(capsys):
    records = [
        record | {"job": "one", "as_expected": False, "expected": "violated", "verdict": "holds"}
        for record in check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()
    ]
    print_summary(records)
    out = " ".join(capsys.readouterr().out.split())
    assert "said to be false, and not refuted on this case of its own: 3 of 3 indices decided" in out


def test_an_infinite_ratio_is_shown(capsys):
    record = check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()[0]
    print_summary([record | {"job": "one", "as_expected": True, "worst_ratio": "inf"}])
    assert " inf " in capsys.readouterr().out
