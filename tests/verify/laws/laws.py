"""What no verdict may depend on, and how an experiment is carried over."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from broximal.oracles.compressors import Compressor
from broximal.oracles.norms import L2, Frobenius, Product, Spectral
from broximal.theory.language.claims import Reaches, Terminates
from broximal.theory.language.declaration import is_known
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import known, quantities
from broximal.theory.language.scaling import units_of
from broximal.theory.language.theorem import Theorem
from broximal.theory.prescriptions.resolve import established, resolved
from broximal.verify import Report
from broximal.verify.checking import _check
from broximal.verify.words import CAUGHT
from tests.verify.laws.seen import CONSTANTS, Change, Reversed, Rotation, Turn, seen

# Powers of two, so that units change nothing in the digits, and paths stay the same to the last one.
S, R = 2.0**7, 2.0**-4
ORIGIN = {"size_0", "size_n", "gx", "fw_gap", "fw_length"}  # quantities that look at the distance to the origin
RTOL = 1e-6
PATHS = 64
BY_NAME = {  # hypotheses that are known for families and norms by their names
    "terms share a minimiser": "a sum whose terms have names",
    "ball-convex": "a family that is listed",
    "quasi-convex": "a family that is listed",
    "the double well": "the problem by its name",
    "the inequality with c >= 0 alone": "a family that satisfies it by construction",
    "Euclidean norm": "the norm by its name",
    "two dimensions, l_inf": "the norm by its name",
}


class Skip(Exception):
    """Why a law says nothing about a case, in words."""


@dataclasses.dataclass(frozen=True)
class Law:
    """change(theorem, experiment) -> Change; raises Skip."""

    name: str
    change: Callable[[Theorem, Experiment], Change]


def _keys(theorem: Theorem) -> set[str]:
    """The quantities in its claims and rules."""
    parts = [getattr(claim, "relation", None) for claim in theorem.claims] + [r.formula for r in theorem.parameters]
    found = [quantities(part) for part in parts if part is not None and hasattr(part, "free_symbols")]
    return {quantity.key for pair in found for half in pair for quantity in half}


def _shift(theorem, experiment):
    """Half the size of f at the start, rounded to few digits."""
    start = abs(float(experiment.problem.value(experiment.x0)))
    return Change(c=2.0 ** np.round(np.log2(start + 2.0**-10)) / 2)


def _translation(theorem, experiment):
    if getattr(theorem.method, "decay", None) or _keys(theorem) & ORIGIN:
        raise Skip("the method or the statement looks at the origin")
    return Change(b=jax.tree.map(lambda leaf: np.full(np.shape(leaf), 0.375), experiment.x0))


def _rotation(theorem, experiment):
    x0, rng = experiment.x0, np.random.default_rng(7)
    if any(isinstance(value, Compressor) for value in experiment.parameters.values()):
        raise Skip("compressors see the coordinates")
    if theorem.method.draws:
        raise Skip("the method draws points of its own in coordinates")
    if not isinstance(x0, np.ndarray) or not isinstance(experiment.norm, (L2, Frobenius, Spectral)):
        raise Skip(f"the {experiment.norm.name} norm is not invariant under rotations")
    turns = [np.linalg.qr(rng.standard_normal((n, n)))[0] for n in x0.shape]
    return Change(turn=Rotation(*turns))


def _order(theorem, experiment):
    if not isinstance(experiment.norm, Product) or not isinstance(experiment.x0, (list, tuple)):
        raise Skip("there is one layer, or layers have names")
    if experiment.noisy or theorem.method.draws:
        raise Skip("layers draw by their place")
    if any(isinstance(value, Compressor) for value in experiment.parameters.values()):
        raise Skip("compressors are given layer by layer")
    return Change(turn=Reversed())


def _everything(theorem, experiment):
    """All of them at once, where they apply, with units in powers of two."""
    change = Change(s=S, r=R)
    for part in (_shift, _translation, _rotation):
        try:
            own = part(theorem, experiment)
        except Skip:
            continue
        b = own.b if own.b is not None else change.b
        turn = own.turn if type(own.turn) is not Turn else change.turn
        change = dataclasses.replace(change, c=change.c + S * own.c, b=b, turn=turn)
    return change


LAWS = (
    Law("f + c", _shift),
    Law("s f", lambda theorem, experiment: Change(s=S)),
    Law("x moved", _translation),
    Law("x scaled", lambda theorem, experiment: Change(r=R)),
    Law("norm scaled", lambda theorem, experiment: Change(scaled=4.0)),
    Law("layers in another order", _order),
    Law("rotated", _rotation),
)


def _far_up(theorem, experiment):
    return Change(c=1e6 * (1 + abs(float(experiment.problem.value(experiment.x0)))))


def _far_off(theorem, experiment):
    _translation(theorem, experiment)  # may refuse
    return Change(b=jax.tree.map(lambda leaf: np.full(np.shape(leaf), 1e6 / 3), experiment.x0))


FAR_AWAY = (Law("f far up", _far_up), Law("x far off", _far_off))
TOGETHER = Law("all at once", _everything)


def prepared(theorem: Theorem, experiment: Experiment) -> Experiment:
    """With facts and all parameters, as a check would run it. Raises BroximalError where it would not."""
    for hypothesis in theorem.assumes:
        if not hypothesis.check(experiment).holds:
            raise Skip(f"the hypothesis {hypothesis.name} fails")
    return resolved(theorem, established(theorem, experiment))


def carried(theorem: Theorem, experiment: Experiment, change: Change) -> Experiment:
    """The experiment in the other units and coordinates, with values for all parameters."""
    full, q = prepared(theorem, experiment), experiment.problem.growth_exponent

    def number(key: str, value: Any, units: str) -> Any:
        if isinstance(value, Compressor):
            return value
        times = change.factor(units, None, q)
        return change.turn.order([times * each for each in value]) if isinstance(value, tuple) else times * value

    parameters = {}
    for key, value in full.parameters.items():
        units = known(key).units if is_known(key) else "1"
        parameters[key] = number(key, value, units)
    constants = {key: number(key, value, CONSTANTS.get(key, "f/x^q")) for key, value in experiment.constants.items()}
    radius: Any = experiment.radius
    times = change.length
    moved = (lambda step, radius=radius: times * radius(step)) if callable(radius) else times * radius
    return Experiment.make(
        seen(experiment.problem, change),
        change.outer(experiment.norm),
        x0=change.out(experiment.x0),
        steps=experiment.steps,
        radius=moved,
        seed=experiment.seed,
        tol=experiment.tol,
        constants=constants or None,
        parameters=parameters or None,
    )


def judged(theorem: Theorem, experiment: Experiment) -> Report:
    return _check(theorem, experiment, recipe=None, case=None, paths=PATHS, threshold=CAUGHT, own_case=True)


def broken(law: Law, theorem: Theorem, experiment: Experiment, base: Report) -> list[str]:
    """What changes under the law that must not, in words. Raises Skip where the law says nothing."""
    change = law.change(theorem, experiment)
    return differences(theorem, base, judged(theorem, carried(theorem, experiment, change)), change, experiment)


def differences(theorem: Theorem, base: Report, other: Report, change: Change, experiment: Experiment) -> list[str]:
    """What the law does not bear: verdicts, and bound - measured at every index, in the units of the claim."""
    if "AttributeError" in other.why and "AttributeError" not in base.why:
        raise Skip(f"the statement needs a family of its own ({other.why[-100:]})")
    for finding in other.hypotheses:
        if not finding.holds and finding.hypothesis in BY_NAME:
            raise Skip(f"the hypothesis {finding.hypothesis!r} asks for {BY_NAME[finding.hypothesis]}")
    found, q, steps = [], experiment.problem.growth_exponent, experiment.steps
    if base.verdict is not other.verdict:
        found.append(f"verdict {base.verdict} became {other.verdict}: {other.why or base.why}")
        return found
    for claim, mine, its in zip(theorem.claims, base.claims, other.claims, strict=False):
        if mine.verdict is not its.verdict:
            found.append(f"{claim.label}: {mine.verdict} became {its.verdict}: {its.why or mine.why}")
            continue
        if isinstance(claim, Terminates | Reaches) or "measured" not in mine.curve:
            continue
        units = next((u for u in map(units_of, claim.relation.args) if u is not None), None)
        symbols = {} if units is None else {s: q for part in units for s in part.free_symbols}
        times = 1.0 if units is None else units.factor(float(change.s), change.length, symbols)
        ended = min(base.steps, other.steps) if min(base.steps, other.steps) < steps else None
        found += _curves(claim.label, mine.curve, its.curve, times, ended)
    return found


def _curves(label: str, mine: dict[str, Any], its: dict[str, Any], times: float, ended: int | None) -> list[str]:
    """A run that ends early ends in a minimiser, up to rounding: its last step, where rounding decides, is left out."""
    common = np.intersect1d(mine["index"], its["index"])
    if ended is None and len(common) < max(len(mine["index"]), len(its["index"])):
        return [f"{label}: {len(mine['index'])} indices became {len(its['index'])}"]
    if ended is not None:
        common = common[common < ended - 1]
    if not len(common):
        return []
    index, other = (np.isin(curve["index"], common) for curve in (mine, its))
    small, large, near = (np.asarray(mine[key], dtype=float)[index] for key in ("measured", "bound", "budget"))
    small2, large2, near2 = (
        np.asarray(its[key], dtype=float)[other] / times for key in ("measured", "bound", "budget")
    )
    with np.errstate(all="ignore"):
        off = np.abs((large - small) - (large2 - small2))
        allowed = RTOL * (np.abs(small) + np.abs(large)) + 8 * (near + near2)
        wrong = off > allowed
    if not np.any(wrong):
        return []
    k = int(np.argmax(np.where(wrong, off / np.where(allowed > 0, allowed, 1), 0)))
    return [
        f"{label}: at {common[k]}, bound - measured was {large[k] - small[k]:.9g} and is "
        f"{large2[k] - small2[k]:.9g} in the same units (bound {large[k]:.6g}, {large2[k]:.6g})"
    ]
