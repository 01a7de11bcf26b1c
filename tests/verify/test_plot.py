"""Pictures of records: what shares a panel, what every kind of claim shows, and what an axis cannot show."""

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import EachHorizon, Expected, Holds, Reaches, catalogue, find
from broximal.theory.columns.points import D0, K, d0, gap, i, k
from broximal.verify import check, summary
from broximal.verify.checking import check_case
from broximal.verify.mathtext import drawn, size_for
from broximal.verify.panel import POINTS, has_picture
from broximal.verify.plot import figure, panels_figure
from broximal.verify.summary import save_plots
from tests.verify.fake import SLOPE


def titles(picture):
    return [axes.get_title() for axes in picture.axes if axes.get_title()]


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def record(**parts):
    curve = {
        "index": [0, 1, 2, 3],
        "measured": [8.0, 4.0, 2.0, 1.0],
        "bound": [9.0, 6.0, 4.0, 3.0],
        "budget": [1e-9] * 4,
    }
    curve |= {
        name: parts.pop(name) for name in ("index", "measured", "bound", "budget", "low", "high") if name in parts
    }
    own = {"problem": "p", "norm": "n", "claim": "c", "verdict": "holds", "case": 0, "worst_step": None}
    return own | {"curve": curve, "shown": ["f(x_{k})", r"\le", r"\frac{a}{k}"]} | parts


def panel(*records):
    (axes,) = panels_figure("t", list(records)).axes
    return axes


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


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_both_kinds_of_files(tmp_path, ending):
    records = check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()
    assert save_plots(records, tmp_path, ending) == []
    (made,) = tmp_path.iterdir()
    assert made.name == f"bpm.star_rate.{ending}"
    assert made.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")


def test_the_quantity_is_on_the_axis_and_the_formula_in_the_one_legend():
    axes = panel(record())
    assert axes.get_ylabel() == "$f(x_{k})$" and axes.get_yscale() == "log"
    assert legend(axes)[0] == r"bound $\frac{a}{k}$" and "measured" in legend(axes)
    assert len([child for child in axes.get_children() if type(child).__name__ == "Legend"]) == 1


def test_the_curves_fill_the_panel():
    """Neither the budget nor what is below it makes room for itself."""
    axes = panel(record(measured=[8.0, 4.0, 2.0, 1e-17]))
    low, high = axes.get_ylim()
    assert 1 < low < 2 and 9 < high < 20
    assert "measured ≤ 0 or below the panel at 1 of 4" in legend(axes)


def test_what_a_logarithm_cannot_show_is_marked_and_counted():
    axes = panel(record(measured=[8.0, 4.0, 0.0, 0.0]))
    assert "measured ≤ 0 at 2 of 4" in legend(axes) and not any("bound ≤" in text for text in legend(axes))
    (rug,) = (line for line in axes.lines if line.get_label() == "measured ≤ 0 at 2 of 4")
    assert list(rug.get_xdata()) == [2, 3] and rug.get_marker() == "|"
    assert "bound infinite at 1 of 4" in legend(panel(record(bound=[float("inf"), 6.0, 4.0, 3.0])))


def test_signs_that_are_beyond_the_budget_are_shown():
    assert panel(record(measured=[8.0, 4.0, -2.0, 1.0])).get_yscale() == "symlog"
    assert panel(record(measured=[8.0, 4.0, -1e-12, 1.0])).get_yscale() == "log"
    assert panel(record(measured=[1.0, 1.1, 1.2, 1.3], bound=[1.4] * 4)).get_yscale() == "linear"


def test_what_refutes_is_ringed_where_the_verdict_says():
    axes = panel(record(verdict="violated", worst_step=2, measured=[8.0, 4.0, 5.0, 1.0]))
    (ring,) = (line for line in axes.lines if line.get_label() == "refuted at k = 2")
    assert list(ring.get_xdata()) == [2] and list(ring.get_ydata()) == [5.0]
    assert not any("refuted" in text for text in legend(panel(record())))


def test_means_have_their_intervals():
    nan = float("nan")
    axes = panel(record(low=[7.0, nan, nan, 0.9], high=[9.0, nan, nan, 1.2]))
    assert "mean over paths" in legend(axes) and "interval of the mean" in legend(axes)
    one_sided = panel(record(index=[9], measured=[2.0], bound=[3.0], budget=[0.1], low=[1.0], high=[float("inf")]))
    assert "interval of the mean, from below only" in legend(one_sided)
    assert [text.get_text() for text in one_sided.get_xticklabels()] == ["at index 9"]


def test_a_single_number_has_a_mark_a_seed():
    single = [record(index=[n], measured=[float(n)], bound=[9.0], budget=[0.0], seeds=[n]) for n in (3, 5, 4)]
    axes = panel(*single)
    (marks,) = (line for line in axes.lines if line.get_label() == "measured")
    assert list(marks.get_ydata()) == [3.0, 5.0, 4.0] and axes.get_xlabel() == "3 seeds, one mark each"


def test_seeds_of_different_lengths_share_their_indices():
    short = record(index=[1, 2], measured=[5.0, 3.0], bound=[6.0, 4.0], budget=[0.0, 0.0])
    axes = panel(record(), short)
    (line,) = (line for line in axes.lines if line.get_label() == "measured")
    np.testing.assert_allclose(line.get_ydata(), [8.0, 4.5, 2.5, 1.0])


FAST = [
    "bpm.star_rate",  # every step, every horizon
    "bpm.termination",
    "bpm.false_envelope_argmin",  # refuted
    "momentum.error",  # every step in expectation
    "drop_muon.descent",  # one step in expectation
]


@pytest.mark.parametrize("name", FAST)
def test_every_claim_of_a_theorem_has_a_panel(name):
    theorem = find(name)
    found = panels_figure(name, check_case(theorem, 0).records())
    assert [title.split("\n")[-1].split(":")[0] for title in titles(found)] == [claim.label for claim in theorem.claims]


def test_a_sampled_expectation_shows_its_interval():
    found = check_case(find("drop_muon.best"), 0).claims[0].curve
    low, mean, high = (np.array(found[key]) for key in ("low", "measured", "high"))
    known = np.isfinite(low)
    assert 2 <= known.sum() < len(low) and np.all((low <= mean)[known] & (mean <= high)[known])


def test_a_bound_from_below_is_the_bound():
    """What is measured stands on the left, whatever the sign."""
    report = check_case(find("bpm.star_rate"), 0)
    theorem = find("bpm.star_rate")
    turned = theorem.claims[0].restated(relation=theorem.claims[0].relation.reversed)
    assert turned.shown[0] == theorem.claims[0].shown[2]
    assert report.claims[0].curve["measured"][0] < report.claims[0].curve["bound"][0] * (1 + 1e-9)


@pytest.mark.parametrize(
    "claim, shown",
    [
        (EachHorizon(gap[K] >= d0 / K), (r"(f(x_{K}) - f^\star)", r"\ge", r"\frac{(f(x_0) - f^\star)}{K}")),
        (Expected(d0 >= gap[K]), (r"\mathbb{E}\Bigl[(f(x_{K}) - f^\star)\Bigr]", r"\le", r"(f(x_0) - f^\star)")),
        (Reaches(gap[k] <= d0 / 2, 7), ("N", r"\le", "7")),
        (Holds(d0 <= SLOPE * D0), (r"(f(x_0) - f^\star)", r"\le", None)),
        (EachHorizon(sp.Sum(gap[i], (i, 0, K)) < K * d0), (r"\sum_{i=0}^{K} (f(x_{i}) - f^\star)", "<", None)),
    ],
)
def test_what_is_bounded_and_by_what(claim, shown):
    assert all(said is None or own == said for own, said in zip(claim.shown, shown, strict=True))


def test_every_claim_of_the_catalogue_can_be_drawn():
    """Its quantity and its bound are formulas that matplotlib draws, all but the longest at a size that can be read."""
    long = []
    for name, theorem in catalogue().items():
        for claim in theorem.claims:
            quantity, sign, bound = claim.shown
            assert sign and drawn(quantity) is not None, f"{name}: {quantity}"
            text = drawn(bound)
            assert text is not None, f"{name}: {bound}"
            if size_for(text, POINTS - 50) is None:
                long.append(name)
    assert set(long) <= {"ef21_muon.layerwise_steps", "ef21_muon.radius", "ef21_muon.sharp_steps"}, long


def test_no_record_that_compares_is_without_a_picture():
    assert not has_picture({"curve": None}) and not has_picture({}) and not has_picture({"curve": {"index": []}})
    assert has_picture(record(index=[3], measured=[1.0], bound=[1.0], budget=[0.0]))


def test_processes_draw_the_same_pictures(tmp_path, monkeypatch):
    names = ["bpm.star_rate", "bpm.euclid_prox"]
    records = [record for name in names for record in check(name, Quadratic.example(3), L2(), steps=3).records()]
    save_plots(records, tmp_path / "here", "svg")
    monkeypatch.setattr(summary, "FEW", 0)
    assert save_plots(records, tmp_path / "there", "svg", workers=2) == []
    for name in names:
        here, there = ((tmp_path / place / f"{name}.svg").stat().st_size for place in ("here", "there"))
        assert abs(here - there) < 0.01 * here


def test_a_picture_that_another_process_cannot_write_is_one_sentence(tmp_path, monkeypatch):
    records = check("bpm.star_rate", Quadratic.example(3), L2(), steps=3).records()
    monkeypatch.setattr(summary, "FEW", 0)
    (tmp_path / "bpm.star_rate.png").mkdir()
    with pytest.raises(InvalidArgument, match=r"picture .*bpm\.star_rate\.png cannot be written"):
        save_plots(records, tmp_path, workers=2)
