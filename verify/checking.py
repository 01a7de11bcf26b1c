"""check(theorem, problem, norm): hypotheses, run, comparison with an error budget, verdict, power."""

import contextlib
import dataclasses
import functools
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

import jax
import numpy as np

from broximal.oracles.arguments import as_integer
from broximal.oracles.arrays import as_number
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant, NotCertified
from broximal.oracles.norm import Norm
from broximal.problems.instance import Instance
from broximal.problems.problem import Problem
from broximal.theory.language.catalogue import catalogue, find as by_name
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Finding
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.quantity import Measured, known
from broximal.theory.language.run import Run, Start, View
from broximal.theory.language.theorem import Case, Theorem
from broximal.theory.prescriptions.resolve import established, own_radius, resolved, validate
from broximal.verify.claiming import on_run
from broximal.verify.evaluate import constants_used
from broximal.verify.looks.before import look_before
from broximal.verify.looks.choices import check_choices, check_step
from broximal.verify.looks.outcome import Outcome, at_start, outcome
from broximal.verify.looks.rests import rests_on
from broximal.verify.looks.trying import seen_rounding
from broximal.verify.paths import paths as along
from broximal.verify.report import ClaimReport, Report
from broximal.verify.reports import Reports
from broximal.verify.running import on_host
from broximal.verify.seeds import MOST, is_random, on_seeds
from broximal.verify.verdict import Verdict
from broximal.verify.witness import recipe as recipe_of
from broximal.verify.words import CAUGHT, overall, worded

Answer = TypeVar("Answer")
Given = ParamSpec("Given")

TIGHTER = 1e-13  # the oracle tolerance at which an apparent violation is run again


def _in_double(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """A problem that computes with JAX answers in the precision that JAX is in; error budgets are those of float64."""

    @functools.wraps(function)
    def wrapped(*args: Given.args, **given: Given.kwargs) -> Answer:
        with jax.enable_x64(True):
            return function(*args, **given)

    return wrapped


@overload
def check(
    theorem: Theorem | str,
    *,
    radius: Any = None,
    steps: int | None = None,
    seed: int = 0,
    tol: float = 1e-10,
    constants: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    paths: int = MOST,
    threshold: float = CAUGHT,
) -> Reports: ...
@overload
def check(
    theorem: Theorem | str,
    problem: Problem | Instance,
    norm: Norm | None = None,
    *,
    x0: Any = None,
    radius: Any = None,
    steps: int | None = None,
    seed: int = 0,
    tol: float = 1e-10,
    constants: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    paths: int = MOST,
    threshold: float = CAUGHT,
    recipe: dict[str, Any] | None = None,
) -> Report: ...
@_in_double
def check(
    theorem: Theorem | str,
    problem: Problem | Instance | None = None,
    norm: Norm | None = None,
    *,
    x0: Any = None,
    radius: Any = None,
    steps: int | None = None,
    seed: int = 0,
    tol: float = 1e-10,
    constants: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    paths: int = MOST,
    threshold: float = CAUGHT,
    recipe: dict[str, Any] | None = None,
) -> Report | Reports:
    """Check a theorem on one problem in one norm (a `Report`), or on its own cases (`Reports`) if none is given.

    radius     a number, or a function of k; by default the theorem's parameter rule, else D_0 / 9.7
    constants  values to use instead of the problem's own, refused if they contradict what is known exactly
    parameters values of the method's own parameters (see the theorem's card), a number or one number a layer
    paths      how many random paths may be drawn, where a claim about an expectation is not decided by fewer
    threshold  the error of the whole bound that a check must catch to be called more than loose
    recipe     how to make the problem again, kept in the witness of a violation

    Where constants are given that the theorem uses, the verdict is `violated` or `consistent`, never `holds`;
    constants["smoothness"] says which meaning L0 and L1 have ("A1", "A1D", ...; by default the weakest that the theorem takes).

    Raises InvalidArgument for bad input, among it a problem whose gradient, convexity, minimum or noise is contradicted by
    its values and samples. Everything else (a hypothesis that fails, an oracle that does not certify, a solver or a
    problem's own code that fails on the way) ends in a verdict, never in an exception.
    """
    theorem = by_name(theorem) if isinstance(theorem, str) else theorem
    if not isinstance(theorem, Theorem):
        raise InvalidArgument(f"theorem must be a Theorem or the name of one, not {type(theorem).__name__}.")
    tol = as_number(tol, "tol", low=0, open_low=True)
    threshold = float(as_number(threshold, "threshold", low=0, high=1, open_low=True))
    as_integer(seed, "seed", 0)
    paths = as_integer(paths, "paths")
    if problem is None:
        if norm is not None or x0 is not None:
            raise InvalidArgument("norm and x0 need a problem; without one the theorem is checked on its own cases.")
        return Reports(
            [
                check_case(
                    theorem,
                    index,
                    seed=seed,
                    radius=radius,
                    steps=steps,
                    tol=tol,
                    constants=constants,
                    parameters=parameters,
                    paths=paths,
                    threshold=threshold,
                )
                for index, case in enumerate(theorem.cases)
                if not case.slow
            ]
        )
    if norm is None and not isinstance(problem, Instance):
        raise InvalidArgument("norm is missing; a theorem is checked on a problem in a norm.")
    try:
        experiment = Experiment.make(
            problem,
            norm,
            x0=x0,
            steps=40 if steps is None else steps,
            radius=radius,
            seed=seed,
            tol=tol,
            constants=constants,
            parameters=parameters,
        )
        look_before(theorem, experiment)
        if radius is None and (own := own_radius(theorem, experiment)) is not None:
            experiment = dataclasses.replace(experiment, radius=own)
        validate(theorem, experiment)
    except BroximalError:
        raise
    except Exception as failure:  # the problem's own code
        raise InvalidArgument(f"problem {type(problem).__name__} failed with {_where(failure)}.") from failure
    return _check(theorem, experiment, recipe=recipe, case=None, paths=paths, threshold=threshold)


@_in_double
def check_case(
    theorem: Theorem,
    index: int,
    *,
    seed: int = 0,
    radius=None,
    steps=None,
    tol=1e-10,
    constants=None,
    parameters=None,
    paths=MOST,
    threshold=CAUGHT,
) -> Report:
    """The report on the theorem's case of this index with this seed; parameters that are given replace those of the case."""
    case = theorem.cases[index]
    how = {"radius": radius, "steps": steps, "tol": tol, "constants": constants, "parameters": parameters}
    experiment = case_experiment(case, seed, **how)
    if not _of_catalogue(theorem):
        look_before(theorem, experiment)  # the tests look at the cases of the catalogue
    validate(theorem, experiment)
    recipe = {"case": index} | ({"radius": float(radius)} if radius is not None and not callable(radius) else {})
    if constants is not None or parameters is not None or callable(radius):
        recipe = None  # no name stands for these
    return _check(
        theorem,
        experiment,
        recipe=recipe,
        case=index,
        paths=paths,
        threshold=threshold,
        own_case=constants is None,
    )


def _of_catalogue(theorem: Theorem) -> bool:
    """Are the cases of this theorem (or its twin) those of the catalogue?"""
    known_ = catalogue().get(theorem.name.partition("*")[0])
    return known_ is not None and known_.cases is theorem.cases


def case_experiment(
    case: Case, seed: int, *, radius=None, steps=None, tol=1e-10, constants=None, parameters=None
) -> Experiment:
    """The experiment that a case describes, for a seed. Raises InvalidArgument, with the line, where a function of it fails."""
    try:
        problem = case.problem(seed)
        x0 = case.x0(problem) if case.x0 is not None else None
        rule = case.radius if radius is None else radius
        if rule is not None and not isinstance(rule, (int, float)) and radius is None:
            rule = rule(problem, case.norm, problem.x0 if x0 is None else x0)
    except Exception as failure:
        raise InvalidArgument(f"the case {_defined(case)} cannot be made: {_what(failure)}.") from failure
    return Experiment.make(
        problem,
        case.norm,
        x0=x0,
        steps=case.steps if steps is None else steps,
        radius=rule,
        seed=seed,
        tol=tol,
        constants=constants if constants is not None else case.constants,
        parameters=case.parameters if parameters is None else (case.parameters or {}) | parameters,
    )


def _check(
    theorem: Theorem,
    experiment: Experiment,
    *,
    recipe: dict[str, Any] | None,
    case: int | None,
    paths: int,
    threshold: float,
    own_case: bool = False,
) -> Report:
    """`own_case`: constants that are given are those of the theorem's own case, not the user's."""
    began = time.perf_counter()
    given = experiment
    findings: tuple[Finding, ...] = ()
    rests: tuple[str, ...] = ()
    sampled = 1
    closely = case is None or not _of_catalogue(theorem)  # the tests look at the cases of the catalogue

    def report(verdict: Verdict, why: str, claims=(), run: Run | None = None, witness=None) -> Report:
        states = run.states[1:] if run is not None else []
        answers = [state.answer for state in states if getattr(state, "answer", None) is not None]
        return Report(
            theorem=theorem.name,
            source_mark=theorem.source.read,
            expected=theorem.expected,
            problem=experiment.instance.name,
            norm=experiment.instance.geometry,
            dims=experiment.instance.dims,
            steps=run.length if run is not None else 0,
            seed=experiment.seed,
            paths=sampled,
            radius=f"{experiment.radius:.6g}" if experiment.constant_radius else "schedule",
            hypotheses=findings,
            claims=tuple(claims),
            verdict=verdict,
            why=why,
            oracle_path=", ".join(sorted({a.path for a in answers})) or "none",
            max_certificate_gap=max((float(state.charge) for state in states), default=0.0),
            exact=_exact(theorem),
            wall_s=time.perf_counter() - began,
            case=case,
            sharp=theorem.cases[case].sharp if case is not None else None,
            constants=_constants(theorem, run),
            witness=witness,
            rests_on=rests,
        )

    def failed(why: str) -> Report:
        return report(*at_start(theorem, experiment, why, rests)[:3])

    try:
        findings = tuple(hypothesis.check(experiment) for hypothesis in theorem.assumes)
        if broken := [finding for finding in findings if not finding.holds]:
            return report(Verdict.NOT_APPLICABLE, "; ".join(f"{f.hypothesis}: {f.why}" for f in broken))
        if experiment.noisy and theorem.method.needs != "sample":
            why = f"{theorem.method.name} draws no samples of {experiment.instance.name}: its noise would not be drawn"
            findings += (Finding("gradients as the method sees them", False, why),)
            return report(Verdict.NOT_APPLICABLE, why)
        experiment = established(theorem, experiment)
        rests = rests_on(theorem, experiment, own_case)
        experiment = resolved(theorem, experiment)
        if is_random(theorem, experiment):
            if closely:
                check_choices(theorem.method, experiment)
            claims, runs = on_seeds(theorem, experiment, paths)
            claims = [worded(claim, threshold) for claim in claims]
            run, sampled = runs[0], len(runs)
            verdict, why = overall(claims)
        else:
            if closely:
                check_step(theorem.method, experiment)
            run = along(theorem, experiment, range(experiment.seed, experiment.seed + 1))[0]
            claims = [worded(on_run(claim, run), threshold) for claim in theorem.claims]
            verdict, why = overall(claims)
            if verdict is Verdict.VIOLATED:
                claims, verdict, why = _again(theorem, run, claims)
                claims = [worded(claim, threshold) for claim in claims]
    except NotCertified as failure:
        return failed(f"an oracle call was not certified: {failure}")
    except MissingConstant as missing:
        return report(Verdict.NOT_APPLICABLE, str(missing))
    except InvalidArgument as refused:
        return report(Verdict.NOT_APPLICABLE, str(refused))
    except BroximalError as failure:
        return failed(str(failure))
    except Exception as failure:  # a problem of the user's own may raise anything; what was found so far is reported
        return failed(f"the run failed with {_where(failure)}")
    verdict, why, claims, broken = outcome(theorem, experiment, run, Outcome(verdict, why, claims), rests, closely)
    findings += broken
    witness = _witness(run, claims, recipe_of(theorem, given, recipe, paths)) if verdict is Verdict.VIOLATED else None
    return report(verdict, why, claims, run, witness)


def _again(theorem: Theorem, run: Run, first: list[ClaimReport]) -> tuple[list[ClaimReport], Verdict, str]:
    """An apparent violation is run again with tighter oracles and measured in extended precision before it counts.

    Where either is not to be had (an oracle that certifies no tighter, a problem without an extended-precision kernel)
    the run and the precision that there are decide: a failure here never takes a violation back. Values are taken for as
    exact as they are seen to be.
    """
    with contextlib.suppress(Exception):
        tighter = dataclasses.replace(run.experiment, tol=min(run.experiment.tol, TIGHTER))
        run = on_host(theorem.method, tighter) if len(run.views) == run.length + 1 else run
    for digits in (_in_more_digits(run), run):
        try:
            measured = _blurred(digits)
            claims = [on_run(claim, measured) for claim in theorem.claims]
        except Exception:
            continue
        break
    else:
        claims = first
    verdict, why = overall(claims)
    if verdict is Verdict.VIOLATED:
        return claims, verdict, why
    return first, Verdict.INCONCLUSIVE, "an apparent violation disappeared in a more precise run"


def _where(failure: Exception) -> str:
    """The exception and the line that raised it."""
    place = traceback.extract_tb(failure.__traceback__)[-1]
    said = str(failure).strip().partition("\n")[0]
    return f"{type(failure).__name__}: {said} ({Path(place.filename).name}, line {place.lineno})"


def _what(failure: Exception) -> str:
    said = " ".join(str(failure).split()).rstrip(".")
    return said if isinstance(failure, BroximalError) and said else f"{type(failure).__name__}: {said}"


def _defined(case: Case) -> str:
    """Where the function stands that makes the problem: that of a case is mostly a lambda, with no name to go by."""
    code = getattr(case.problem, "__code__", None)
    return (
        "of " + repr(case.problem) if code is None else f"in {Path(code.co_filename).name}, line {code.co_firstlineno},"
    )


def _in_more_digits(run: Run) -> Run:
    """The same states, measured at their points in extended precision."""
    if len(run.views) != run.length + 1:
        return run
    first = View(run.world, run.algorithm, _extended(run.views[0].state), 0, seed=run.seed)
    rest = (View(run.world, run.algorithm, _extended(view.state), view.k, first, run.seed) for view in run.views[1:])
    return Run(run.experiment, run.algorithm, run.world, [first, *rest], terminated=run.terminated, seed=run.seed)


def _blurred(run: Run) -> Run:
    """The run, with what its values are seen to be rounded where that is more than the problem says, as terms cancel in f."""
    if len(run.views) != run.length + 1 or not isinstance(run.experiment.instance, Optimisation):
        return run
    if not run.problem.smooth:
        return run
    found = run.measure(known("f"))
    seen = np.array([seen_rounding(run.problem, view.x, run.seed) for view in run.views])
    if not np.any(seen > found.noise):
        return run
    columns = {"f": Measured(found.values, np.maximum(found.noise, seen), found.oracle)}
    return Run(
        run.experiment, run.algorithm, run.world, run.views, terminated=run.terminated, columns=columns, seed=run.seed
    )


def _extended(state: Any) -> Any:
    longer = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.longdouble), state.x)
    return Start(longer) if isinstance(state, Start) else dataclasses.replace(state, x=longer)


def _exact(theorem: Theorem) -> str:
    """The counterexample of a false theorem in rational arithmetic, replayed now."""
    if theorem.exact is None:
        return ""
    left, right = theorem.exact()
    sign = ">" if left > right else "<="
    return f"{left} {sign} {right}"


def _constants(theorem: Theorem, run: Run | None) -> dict[str, float]:
    if run is None:
        return {}
    found: dict[str, float] = {}
    for key in {key for claim in theorem.claims for key in constants_used(claim)}:
        try:
            found[key] = float(run.measure(known(key)).values)
        except BroximalError:
            continue
    return found


def _witness(run: Run, claims: list[ClaimReport], recipe: dict[str, Any]) -> dict[str, Any]:
    """What is needed to look at the violation again: how to make the instance, and the two points around it."""
    worst = next(claim for claim in claims if claim.verdict is Verdict.VIOLATED)
    points = [view.x for view in run.views]
    step = min(worst.worst_step or 0, len(points) - 1)
    after = min(step + 1, len(points) - 1)
    return {
        "recipe": recipe,
        "claim": worst.label,
        "step": step,
        "x": [np.asarray(leaf, dtype=float).tolist() for leaf in jax.tree.leaves(points[step])],
        "x_next": [np.asarray(leaf, dtype=float).tolist() for leaf in jax.tree.leaves(points[after])],
        "radius": "schedule" if callable(run.experiment.radius) else float(run.experiment.radius),
        "norm": run.experiment.instance.geometry,
        "steps": run.experiment.steps,
        "tol": run.experiment.tol,
    }
