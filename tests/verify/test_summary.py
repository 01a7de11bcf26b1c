"""What a sweep prints at its end."""

from broximal.oracles.norms import L2, LInf, Product
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
    assert "1 checks, 0 as expected, 1 not." in out
