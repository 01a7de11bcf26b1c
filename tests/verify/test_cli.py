"""The command line: what it prints, its exit codes, and one sentence for every mistake."""

import json
import math
import re
import subprocess
import sys
import time

import pytest

from broximal.theory import catalogue
from broximal.theory.language.source import PAPERS
from broximal.verify import __main__ as cli
from tests.verify.own_files import THEOREM


def run(capsys, *arguments):
    """(exit code, standard output, standard error) of `broximal ARGUMENTS`."""
    old = sys.argv
    sys.argv = ["broximal", *map(str, arguments)]
    try:
        cli.main()
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    finally:
        sys.argv = old
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_list(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "bpm.star_rate" in out
    code, out, _ = run(capsys, "list", "--json")
    rows = json.loads(out)
    assert {"name", "title", "source_mark", "expected", "repair"} <= set(rows[0])
    assert "quadratic" in run(capsys, "list", "--problems")[1]
    assert "spectral" in run(capsys, "list", "--norms")[1]


def test_papers_have_entries_for_bibtex(capsys):
    code, out, _ = run(capsys, "show", "gluon.pl", "--bibtex")
    assert code == 0 and out.startswith("@misc{riabinin2025gluon,") and out.count("@") == 1
    code, listed, _ = run(capsys, "list", "--bibtex")
    assert code == 0 and out in listed and listed.count("@misc{") == len(PAPERS)


def test_show_prints_the_card_and_the_proof(capsys):
    code, out, _ = run(capsys, "show", "bpm.star_rate")
    assert code == 0
    assert "Proof." in out
    assert r"\max" in out


def test_verify_its_own_cases(capsys, tmp_path):
    code, out, _ = run(capsys, "verify", "bpm.growth_termination", "--json", "r.json", "--plots", "p")
    assert code == 0
    assert "as expected" in out
    records = json.loads((tmp_path / "r.json").read_text())
    assert {record["verdict"] for record in records} <= {"holds", "loose"}


def test_verify_refutes_false_statements_and_exits_0(capsys, tmp_path):
    code, _, _ = run(capsys, "verify", "bpm.false_linear_rate", "--plots", "p")
    assert code == 0
    assert (tmp_path / "p" / "bpm.false_linear_rate.png").exists()


def test_verify_exits_1_on_a_wrong_twin_and_replay_sees_it_again(capsys):
    code, out, _ = run(capsys, "verify", "bpm.star_rate*0.97", "--json", "r.json")
    assert code == 1
    assert "violated" in out
    code, out, _ = run(capsys, "replay", "r.json")
    assert code == 0
    assert "violated" in out
    code, _, _ = run(capsys, "replay", "out/ledger.jsonl")
    assert code == 0


def test_replay_takes_the_radius_that_was_given(capsys, tmp_path):
    code, _, _ = run(capsys, "verify", "bpm.false_dimension_free*1.3", "--radius", "0.9", "--json", "r.json")
    record = next(r for r in json.loads((tmp_path / "r.json").read_text()) if r["witness"])
    assert record["witness"]["recipe"]["radius"] == 0.9
    code, out, _ = run(capsys, "replay", "r.json")
    assert code == 0
    assert "violated" in out


def test_verify_on_a_family_in_a_norm(capsys):
    arguments = "verify bpm.star_rate bpm.distance_decrease --problem quadratic --norm linf --dim 3 --dim 4 --steps 10"
    code, out, _ = run(capsys, *arguments.split())
    assert code == 0  # the second is Euclidean and does not apply
    assert "not applicable" in out


def test_verify_on_a_data_file(capsys, tmp_path):
    rows = ["a,b,label", "0.5,1.0,0", "-1.0,0.3,1", "0.2,-0.7,0", "1.0,0.9,1", "-0.3,-0.4,1", "0.7,-0.2,0"]
    (tmp_path / "data.csv").write_text("\n".join(rows))
    options = "--data data.csv --norm l2 --steps 5 --json r.json".split()
    code, out, _ = run(capsys, "verify", "bpm.star_rate", *options)
    assert code == 0, out
    said = "data.csv: separated by commas, names in line 1, label: column 3 ('label'); 6 samples of 2 features; 2 classes: "
    said += "0 (3), 1 (3) (a guess; task = regression, --task regression, says otherwise); problem: logistic(6x2)"
    assert said in out and "\non logistic(6x2) in l2\n" in out
    assert {record["data"] for record in json.loads((tmp_path / "r.json").read_text())} == {said}


def test_how_a_data_file_is_read_is_part_of_a_check(capsys, tmp_path):
    (tmp_path / "d.csv").write_text("yes;1;2;7\nno;3;-1;8\nno;;1;7\nyes;0;1;9\nno;2;2;5\n")
    choice = "--data d.csv --steps 3 --label 1 --na drop --task classification --no-header --sep ;".split()
    code, out, _ = run(capsys, "verify", "bpm.star_rate", *choice)
    assert code == 0 and "1 sample without a value left out; 4 samples of 3 features; 2 classes: no (2), yes (2)" in out
    code, out, err = run(capsys, "verify", "bpm.star_rate", *choice, "--resume")
    assert "1 of 1 check taken from" in err
    choice[choice.index("--label") + 1 :] = ["4", "--na", "drop", "--problem", "least_squares", "--resume"]
    code, out, err = run(capsys, "verify", "bpm.star_rate", *choice)
    assert code == 2 and "line 1 has 'yes' in column 1" in err
    assert run(capsys, "verify", "bpm.star_rate", "--na", "drop")[2].strip().endswith("give one with --data.")


def test_resume_keeps_what_is_finished(capsys):
    run(capsys, "verify", "bpm.false_linear_rate")
    code, out, _ = run(capsys, "verify", "bpm.false_linear_rate", "bpm.false_any_subgradient", "--resume")
    assert code == 0
    assert "4 checks" in out


def test_stepsize_numbers_and_formulas(capsys):
    code, out, _ = run(capsys, *"stepsize bpm.strong_convexity_termination --mu 2 --d0 9 --t 0.5".split())
    assert code == 0
    assert "= 6\n" in out  # sqrt(2 * 9 / 2) / 0.5
    assert "ceiling" in out
    code, out, _ = run(capsys, *"stepsize bpm.unconditional_constant --D0 2 --d0 1 --t 1 --eps 0.01".split())
    assert code == 0
    assert "= 99\n" in out  # 1 / (2 + K - 1) <= 0.01


def test_stepsize_of_a_theorem_that_prescribes_nothing_says_so(capsys):
    code, out, _ = run(capsys, "stepsize", "bpm.star_rate")
    assert code == 0
    assert out.startswith("bpm.star_rate prescribes nothing")


LAYERS = """
[[layers]]
name = "attention"
norm = "spectral"
shape = [4, 9]
L0 = 0.1
L1 = 70.0
[[layers]]
norm = "linf"
shape = [16]
radius = 0.5
L0 = 0.01
L1 = 1.3
"""


def test_stepsizes_of_layers_from_a_file(capsys, tmp_path):
    (tmp_path / "layers.toml").write_text(LAYERS)
    arguments = "stepsize gluon.stochastic_horizon --layers layers.toml --d0 5 --sigma 0.1 --eps 0.5"
    code, out, _ = run(capsys, *arguments.split())
    assert code == 0
    assert "tau[attention]" in out and "tau[1]" in out and "radius[attention]" in out and "K(eps) (average)" in out
    assert "rho[attention]                           = 2  (of the spectral norm, 4 x 9)" in out
    one = run(capsys, *"stepsize gluon.stochastic_horizon --L0 1 --L1 2 --d0 5 --sigma 0.1 --norm spectral".split())
    assert one[0] == 2 and "--norm and --shape are needed together" in one[2]


def numbers_of(out):
    """name -> what is printed behind it, of every line of an answer."""
    pairs = (line.split(" = ", 1) for line in out.splitlines() if " = " in line and not line.startswith(" "))
    return {name.strip(): value for name, value in pairs}


def test_rho_comes_from_the_norm_and_the_shape(capsys):
    common = "stepsize gluon.stochastic_horizon --L0 1 --L1 2 --d0 5 --sigma 0.1 --eps 0.5 "
    by_shape = numbers_of(run(capsys, *(common + "--norm spectral --shape 4 9").split())[1])
    assert by_shape.pop("rho") == "2  (of the spectral norm, 4 x 9)"
    assert by_shape == numbers_of(run(capsys, *(common + "--rho 2").split())[1])


def test_many_layers_are_one_table_with_a_count(capsys, tmp_path):
    block = '[[layers]]\nname = "block"\ncount = 46\nnorm = "spectral"\nshape = [4, 9]\nL0 = 0.1\nL1 = 2.5\n'
    ends = "".join(f'[[layers]]\nname = "{name}"\nrho = 1.0\nL0 = 0.2\nL1 = 1.5\n' for name in ("first", "last"))
    (tmp_path / "layers.toml").write_text(block + ends)
    arguments = "stepsize gluon.stochastic --layers layers.toml --d0 5 --sigma 0.1 --eps 0.1"
    began = time.perf_counter()
    code, out, err = run(capsys, *arguments.split())
    assert code == 0 and not err and time.perf_counter() - began < 20
    found = numbers_of(out)
    assert found["rho[block 1] to [block 46]"].startswith("2 ")
    assert found["tau[block 1] to [block 46]"].endswith("(46 layers)")
    K = int(found["K(eps) (average)"])
    sizes, a = [(0.1, 2.5, 2.0)] * 46 + [(0.2, 1.5, 1.0)] * 2, K**-0.5
    taus = [a / (4 * L1 + math.sqrt(2 * 48 * a * K * L0 / 5)) for L0, L1, _ in sizes]
    assert float(found["tau[first] to [last]"].split()[0]) == pytest.approx(taus[-1], rel=1e-9)
    noise = sum(
        4 * t * r * 0.1 * (1 / (a * K) + math.sqrt(a)) + (4 * (1 - a) / a + 1) * t**2 * L0
        for t, (L0, _, r) in zip(taus, sizes, strict=True)
    )
    assert (10 / K + noise) / min(taus) == pytest.approx(0.1, rel=1e-6)


def test_compressors_are_given_by_name(capsys, tmp_path):
    common = "stepsize ef21_muon.sharp --L_w 1 --L_rms 1.5 --d0 1 --eps 0.01 "
    named = "--worker top-k(3) --server identity --norm l2 --shape 10"
    by_name = numbers_of(run(capsys, *(common + named).split())[1])
    assert by_name.pop("alpha_D") == "0.3  (of top-k(3) in the dual of the l2 norm, 10)"
    assert by_name.pop("alpha_P") == "1  (of identity in the l2 norm, 10)"
    assert by_name == numbers_of(run(capsys, *(common + "--alpha_D 0.3 --alpha_P 1").split())[1])
    gamma = 1 / (1 + math.sqrt(1 + 4 * 1.5**2 * (22 + 176) / 0.3**2))
    assert float(by_name["stepsize"]) == pytest.approx(gamma, rel=1e-9)
    assert int(by_name["K(eps) (average)"]) == math.ceil(4 / (0.01 * gamma))
    rows = [
        '[[layers]]\nname = "q"\nnorm = "spectral"\nshape = [8, 8]\nworker = "rank-k(2)"\nL_w = 1.0\nL_rms = 1.5\n',
        '[[layers]]\nname = "b"\nnorm = "l2"\nshape = [8]\nL_w = 2.0\nL_rms = 2.5\n',
    ]
    (tmp_path / "layers.toml").write_text("".join(rows))
    arguments = "stepsize ef21_muon.layerwise_uplink --layers layers.toml --worker top-k(4) --d0 1 --eps 0.01"
    found = numbers_of(run(capsys, *arguments.split())[1])
    assert found["alpha_D[b]"].startswith("0.5 ") and "rank-k(2)" in found["alpha_D[q]"]
    for options, words in (
        ("--worker top-k(3)", "worker = top-k(3) needs --norm and --shape"),
        ("--worker top-q(3) --norm l2 --shape 9", "there is no compressor called 'top-q'"),
        ("--worker top-k(3) --alpha_D 0.1 --norm l2 --shape 9", "two ways to give alpha_D"),
    ):
        code, _, err = run(capsys, *(common + options).split())
        assert code == 2 and words in err


def test_what_is_needed_is_explained(capsys):
    code, out, _ = run(capsys, "stepsize", "ef21_muon.radius")
    assert code == 0 and "needs K, L_mean, L_w, alpha_D, alpha_P, d0" in out
    needed = out.partition("needed:")[2]
    for words in (
        "mean of the workers' L0, >= 0 [f/x^2]",
        "--worker NAME with --norm and --shape",
        "number of workers, >= 1, whole",
    ):
        assert words in needed


def test_radii_are_printed_as_radii_and_rules_as_formulas(capsys):
    out = run(capsys, *"stepsize gluon.stochastic_horizon --L0 0 --L1 2 --d0 5 --sigma 0 --rho 1 --K 16".split())[1]
    assert numbers_of(out)["radius"] == "0.015625" and "tau/K**(3/4)" in out  # 1 / (4 * 2) / 8
    for name, rule in (("gluon.adaptive_radius", "|m| / (L0 + L1 |m|)"), ("clipping.clipping", "gam min(cap, |m|)")):
        assert numbers_of(run(capsys, "stepsize", name)[1])["radius of step k"] == rule
    out = run(capsys, *"stepsize gluon.decreasing --L0 0 --L1 2 --d0 5".split())[1]
    assert numbers_of(out)["radius"] == "formula" and "tau/(k + 1)**(3/4)" in out


def test_numbers_of_steps_are_printed_in_every_digit(capsys):
    """(2828 / 0.01)^4, which is whole: one less would be too few."""
    common = "stepsize gluon.stochastic_horizon --L0 0 --L1 70 --d0 5 --sigma 0.1 --rho 35 "
    assert numbers_of(run(capsys, *(common + "--eps 0.01").split())[1])["K(eps) (average)"] == "6396134983705600000000"
    found = numbers_of(run(capsys, *"stepsize trust_region.recipe --K 1000000000000000000000000000001".split())[1])
    assert found["K"] == "1000000000000000000000000000001"


def test_bounds_below_zero_are_reached(capsys):
    out = run(capsys, *"stepsize bpm.euclid_lipschitz --G0 1 --D0 1 --t 0.3 --K 20".split())[1]
    assert numbers_of(out)["bound after K (last iterate)"] == "0 (reached)"


def test_more_steps_than_are_looked_for_are_said_to_be_more(capsys):
    out = run(capsys, *"stepsize bpm.smooth_nonconvex --L 1 --d0 1 --t 0.5 --eps 0.1".split())[1]
    assert numbers_of(out)["K(eps) (best gradient)"] == "more than 10^300"
    assert "the bound is then still 0.25" in out and "never" not in out


def test_compare_ranks_what_applies(capsys):
    code, out, _ = run(capsys, *"compare --L0 1 --L1 2 --d0 5 --eps 0.01".split())
    assert code == 0
    assert "gluon.adaptive_radius (plain)" in out and "tightest:" in out
    assert out.count("the expected least dual norm of the gradient among the points of K steps <= 0.01") == 1
    ranking = out.partition("tightest:")[0]
    steps = [int(line.split()[0]) for line in ranking.splitlines() if " steps  " in line]
    assert steps == sorted(steps) and len(steps) >= 5
    assert "A1H    second derivative of every layer" in out and "L0 and L1 of A1H or A1" in ranking
    assert run(capsys, "compare", "--eps", "0.1", "--G1", "1")[0] == 2
    assert "no statement" in run(capsys, "compare", "--eps", "0.1", "--mu", "1")[1]


def test_compare_names_all_that_it_leaves_out(capsys):
    out = run(capsys, *"compare --L 1 --d0 5 --D0 3 --mu 0 --t 0.3 --eps 0.01".split())[1]
    words = re.split(r"[\s,:()]+", out)
    missing = [name for name, theorem in catalogue().items() if theorem.truth and name not in words]
    assert not missing
    left = out.partition("left out")[2]
    assert "d0 = 5 is larger than D0**2*L/2 = 4.5" in left and "it needs mu > 0 (strongly convex)" in left
    assert "  G0 " in left and "dual norm of a subgradient at the start" in left


@pytest.mark.parametrize(
    "options, words",
    [
        ("--layers layers.toml --L0 7", "--L0 is given, but every layer of layers.toml has its own L0"),
        ("--layers layers.toml --rho 1", "--rho is given, but every layer"),
        ("--norm spectral --shape 2 --shape 3 --rho 1", "two ways to give rho"),
    ],
)
def test_a_constant_that_is_given_twice_is_refused(capsys, tmp_path, options, words):
    (tmp_path / "layers.toml").write_text(LAYERS)
    for command in ("stepsize gluon.adaptive_radius", "compare --eps 0.1"):
        code, _, err = run(capsys, *f"{command} --d0 5 {options}".split())
        assert code == 2 and words in err


@pytest.mark.parametrize(
    "content, words",
    [
        ("[[layers]]\nL0 = 1\n[[layers]]\nL1 = 2", "layer 1 has no L0"),
        ("[[layers]]\nLO = 1", "unknown key 'LO'"),
        ("layers = 3", "one [[layers]] table"),
        ("[[layers", "is not TOML"),
        ("a = " + "[" * 9999, "is not TOML (it is too deep)"),
        ("[[layers]]\nnorm = 'spectral'\nshape = [3]", "defined on matrices"),
        ("[[layers]]\nL0 = true", "L0 of layer 0 must be a number, not True"),
        ("[[layers]]\nradius = 'x'", "radius of layer 0 must be a number, not 'x'"),
        ("[[layers]]\nradius = -1", "radius of layer 0 must be positive"),
        ("[[layers]]\ncount = 1.5", "count of layer 0 must be a whole number from 1"),
        ("[[layers]]\nname = 3", "name of layer 0 must be text, not 3"),
        ("[[layers]]\nname = 'a'\n[[layers]]\nname = 'a'", "the name 'a' comes twice"),
        ("[[layers]]\ncount = 9999\n[[layers]]\ncount = 9999", "more than 10000 layers"),
        ("[[layers]]\nworker = 'top-k(3)'", "worker = top-k(3) needs --norm and --shape"),
        ("[[layers]]\nP = 1.5", "P must lie in (0, 1], but is 1.5"),
    ],
)
def test_bad_files_of_layers(capsys, tmp_path, content, words):
    (tmp_path / "layers.toml").write_text(content)
    code, _, err = run(capsys, "stepsize", "gluon.adaptive_radius", "--layers", "layers.toml")
    assert code == 2 and words in err


BAD = [
    ("show bpm.star_rat", "name 'bpm.star_rat' is no theorem of the catalogue. Did you mean 'bpm.star_rate'?"),
    ("verify bpm.nonsense", "name 'bpm.nonsense' is no theorem"),
    ("verify bpm.star_rate --norm l2", "--norm and --dim need --problem or --data."),
    ("verify bpm.star_rate --problem quadratik --norm l2", "Did you mean 'quadratic'?"),
    ("verify bpm.star_rate --problem quadratic --norm l22", "Did you mean"),
    ("verify bpm.star_rate --problem quadratic --dim 0", "dim"),
    ("verify bpm.star_rate --problem quadratic --dim 3 --radius -1", "radius"),
    ("verify bpm.star_rate --steps 0", "steps must be a positive integer, not 0."),
    ("verify bpm.star_rate --jobs 0", "jobs must be a positive integer, not 0."),
    ("verify bpm.star_rate --jobs 99999999999", "more would only take its memory."),
    ("verify bpm.star_rate --problem quadratic --dim 30000", "a quadratic of it holds an array of 9e+08 numbers."),
    ("verify bpm.star_rate --problem norm_distance --dim 999999999", "holds an array of 1e+09 numbers."),
    ("verify bpm.star_rate --seed -1", "seed must be a non-negative integer, not -1."),
    ("verify bpm.star_rate --ledger .", "ledger . cannot be written"),
    ("list --problems --norms", "--problems and --norms are several lists; ask for one of them."),
    ("verify --profile medium", "profile 'medium' is unknown; known are quick, full."),
    (
        "verify bpm.star_rate --problem quadratic --profile medium",
        "profile 'medium' is unknown; known are quick, full.",
    ),
    ("verify bpm.star_rate --data nowhere.csv", "nowhere.csv"),
    ("verify bpm.star_rate --data nowhere.csv --dim 3", "--dim and --data contradict each other"),
    ("verify bpm.star_rate --json .", "file . cannot be written"),
    ("verify bpm.star_rate --plots /dev/null/p", "folder /dev/null/p cannot be made"),
    ("stepsize bpm.smooth --L 1 --mu 2", "mu = 2 is larger than L = 1."),
    ("stepsize bpm.smooth --L -1", "L must be positive, but is -1."),
    ("stepsize bpm.unconditional_constant --t 3 --D0 2", "outside the theorem's domain"),
    ("stepsize gluon.pl --PL 3 --L0 1 --L1 0", "PL = 3 is larger than L0 = 1, but near the infimum f is no steeper"),
    (
        "stepsize bpm.level_count --R0 2 --D0 3",
        "D0 = 3 is larger than R0 = 2, but the minimiser is in the sublevel set",
    ),
    (
        "stepsize bpm.smooth --L 1 --D0 1 --d0 5",
        "d0 = 5 is larger than D0**2*L/2 = 0.5, but f is at most that far above",
    ),
    ("stepsize momentum.inexact_lmo --lo 2 --hi 1", "lo = 2 is larger than hi = 1, but a direction captures no more"),
    ("stepsize bpm.strong_convexity_termination --mu 0", "it needs mu > 0 (strongly convex)."),
    ("stepsize ef21_muon.radius --n_w 2.5", "n_w must be a whole number, but is 2.5."),
    ("stepsize bpm.packing --d 0", "d must lie in [1, inf], but is 0."),
    ("stepsize bpm.sublevel_rate --eps -1", "eps must be positive, but is -1."),
    ("stepsize bpm.false_linear_rate", "is a false statement; its repair is 'bpm.unconditional_constant'."),
    ("stepsize gluon.adaptive_radius --L0 1 --L1 1 --d0 1 --K 0", "K must be a positive integer, but is 0."),
    ("compare --eps 0.1 --L 1 --rho -1", "rho must be non-negative, but is -1."),
    ("stepsize bpm.smooth --LO 3", "'LO' is no constant or parameter. Did you mean 'L'?"),
    ("stepsize bpm.smooth --set LO=3", "'LO' is no constant or parameter. Did you mean 'L'?"),
    ("stepsize bpm.smooth --L", "option --L needs a value."),
    ("stepsize bpm.smooth --L --D0 3", "option --L needs a value."),
    ("stepsize bpm.smooth --set L", "--set takes NAME=VALUE, not 'L'."),
    ("stepsize bpm.smooth --set =1", "--set takes NAME=VALUE, not '=1'."),
    ("stepsize bpm.smooth --set k=1", "k is an index of claims, and cannot be given."),
    ("compare --eps 0.1 --set p=1", "p is an index of claims, and cannot be given."),
    ("stepsize bpm.smooth --L 1 --L 2", "L is given twice; it takes one value."),
    ("stepsize bpm.smooth --L 1 --set L=2", "L is given twice; it takes one value."),
    ("stepsize bpm.smooth --D0 1 --D_0 2", "D0 is given twice, as D0 and as D_0."),
    ("stepsize bpm.smooth --L one", "L must be a number, or numbers with commas for layers, not 'one'."),
    ("stepsize bpm.smooth --L inf", "L is infinite."),
    ("stepsize bpm.smooth --gap 3", "'gap' is no constant or parameter."),
    ("stepsize bpm.smooth --unit_f 3", "'unit_f' is no constant or parameter."),
    ("stepsize bpm.growth --q 0.5", "q must lie in [1, inf], but is 0.5."),
    ("stepsize ef21_muon.sharp --alpha_P 1.4", "alpha_P must lie in (0, 1], but is 1.4."),
    (
        "stepsize bpm.geometric_radii --ratio 1.5",
        "does not hold for these constants: it needs ratio > 2 (geometric radii).",
    ),
    ("compare --eps 0", "eps must be positive, but is 0."),
    (
        "verify bpm.star_rate --set a=1",
        "'a' is no constant of problems and no parameter of bpm.star_rate, which has none.",
    ),
    ("verify gluon.stochastic --set aa=1", "which has a, tau. Did you mean 'a'?"),
    ("verify gluon.stochastic --set a=1.5", "a must lie in (0, 1], but is 1.5."),
    ("verify gluon.stochastic --set l=1", "l is an index of claims, and cannot be given."),
    ("verify --set a=1", "--set needs the names of the theorems that it is meant for."),
    ("replay nowhere.json", "file nowhere.json cannot be read"),
]


@pytest.mark.parametrize("letter", ["\n", "\x0b", "\x1b", "\udcff", "\u2028"])
def test_a_sentence_is_one_printable_line_whatever_is_named_in_it(capsys, letter):
    code, _, err = run(capsys, "show", f"a{letter}b")
    assert code == 2 and err.startswith("broximal: ") and err.endswith("\n") and err[:-1].isprintable()


@pytest.mark.parametrize("arguments, message", BAD, ids=[arguments for arguments, _ in BAD])
def test_mistakes_exit_2_with_one_sentence(capsys, arguments, message):
    code, out, err = run(capsys, *arguments.split())
    assert code == 2
    assert message in err
    assert err.startswith("broximal: ")
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err + out


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "is empty"),
        ("[]", None),
        ("{", "is not a JSON report"),
        ("[1]", "is JSON, but not a broximal report"),
        ("\x00\xff", "is not"),
    ],
)
def test_replay_of_something_else(capsys, tmp_path, content, message):
    (tmp_path / "file.json").write_text(content, encoding="latin-1")
    code, out, err = run(capsys, "replay", "file.json")
    if message is None:
        assert (code, "records no violation" in out) == (0, True)
    else:
        assert code == 2
        assert message in err


def test_unknown_options_are_bad_usage(capsys):
    assert run(capsys, "verify", "--nonsense")[0] == 2
    assert run(capsys, "list", "--nonsense", "3")[0] == 2


def test_constants_are_options_by_their_names(capsys):
    code, out, _ = run(capsys, "list", "--constants", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0 and {"L", "mu", "d0", "sigma", "tau", "alpha_P", "n_w"} <= set(rows)
    assert rows["a"]["range"] == "in (0, 1]" and rows["L"]["safe"] == "a larger one is safe"
    assert rows["eta"]["units"] == "x" and rows["gam"]["units"] == "x^2/f" and rows["a"]["units"] == "1"
    assert "length of a step  [x]\n" in run(capsys, "list", "--constants")[1]
    assert not {"k", "K", "i", "l", "p", "unit_f", "gap"} & set(rows)
    first = run(capsys, *"stepsize bpm.smooth --L 1 --D0 2 --t=0.5 --K 7".split())
    assert first[0] == 0 and first == run(
        capsys, *"stepsize bpm.smooth --set L=1 --set D0=2 --set t=0.5 --set K=7".split()
    )
    assert first == run(capsys, *"stepsize bpm.smooth --L 1 --D_0 2 --t_const 0.5 --K 7".split())  # by key as well
    code, out, _ = run(capsys, *"stepsize ef21_muon.sharp --alpha_P 0.5 --alpha_D 0.5 --d0 1".split())
    assert code == 0 and "alpha_P" in out


def test_a_constant_that_changes_nothing_is_named(capsys):
    _, _, err = run(capsys, *"stepsize bpm.smooth --L 1 --kappa 3".split())
    assert err == "note: kappa changes nothing; bpm.smooth does not speak of it.\n"


def test_parameters_of_a_run_are_set(capsys, tmp_path):
    run(capsys, *"verify momentum.error --set a=0.5 --json r.json".split())
    jobs = [json.loads(record["job"]) for record in json.loads((tmp_path / "r.json").read_text())]
    assert jobs and all(job["parameters"] == [["a", 0.5]] for job in jobs)


def test_help_does_not_load_the_heavy_packages():
    code = (
        "import sys; sys.argv = ['broximal', '--help']\n"
        "from broximal.verify.__main__ import main\n"
        "try:\n main()\nexcept SystemExit:\n pass\n"
        "heavy = {'jax', 'cvxpy', 'sympy', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_several_files_stand_after_one_option(capsys, tmp_path):
    for stem in ("one", "two", "three"):
        (tmp_path / f"{stem}.py").write_text(
            THEOREM.replace("mine.decrease", f"mine.{stem}").replace("own_", f"{stem}_")
        )
    for words in ("--theorems one.py two.py --theorems three.py", "--theorems one.py two.py three.py"):
        code, out, err = run(capsys, "verify", *words.split())
        assert code == 0 and "3 statements" in out and all(f"mine.{stem}" in out for stem in ("one", "two", "three")), (
            err
        )
    code, out, _ = run(capsys, "verify", "--theorems", "one.py", "two.py", "mine.two")
    assert code == 0 and "1 statement" in out and "mine.one" not in out


def test_a_statement_that_is_not_applicable_is_not_called_loose(capsys):
    code, out, _ = run(capsys, *"verify bpm.smooth --problem norm_distance --norm l1 --dim 3".split())
    assert code == 0 and "0 are loose" in out and "1 not applicable" in out
