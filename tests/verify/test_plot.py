"""Pictures of records: what shares a panel, and what has none."""

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.verify import check
from broximal.verify.plot import figure, panels_figure
from broximal.verify.summary import save_plots


def titles(picture):
    return [axes.get_title() for axes in picture.axes if axes.get_title()]


def test_cases_on_one_problem_have_a_panel_each():
    records = check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()[:1]
    twice = [
        record | {"case": case, "curve": {key: [1.0, 1.0] for key in record["curve"]}}
        for record in records
        for case in (0, 3)
    ]
    first, second = titles(panels_figure("t", twice))
    assert ", case 0\n" in first and ", case 3\n" in second
    (only,) = titles(panels_figure("t", [twice[0], twice[0] | {"seeds": [1]}]))  # seeds of one case share theirs
    assert "case" not in only


def test_without_a_curve_there_is_no_picture_and_it_is_said(tmp_path):
    records = check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()
    flat = [record | {"curve": None} for record in records]
    assert save_plots(flat, tmp_path) == ["bpm.star_rate"] and not list(tmp_path.iterdir())
    assert figure([]).axes
