"""The parameters of a method from its theorem's rules: numbers for an experiment, checked against their domains."""

import dataclasses
from typing import Any

import numpy as np
import sympy as sp

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.theory.columns.points import t
from broximal.theory.language.algorithm import Algorithm
from broximal.theory.language.declaration import declared, is_known
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.grammar import NAMES
from broximal.theory.language.quantity import AXES, K, OverLayers, key_of, known, place_in
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Rule, Theorem

ONE_STEP = 0.99  # share of the distance to the minimiser from which on a radius leaves nothing to a second step


def resolved(theorem: Theorem, experiment: Experiment) -> Experiment:
    """The experiment with every parameter that the theorem has a rule for, given ones kept.

    Raises MissingConstant for one outside its domain and where a rule needs a constant that nobody can prove.
    """
    for key, rule in _rules(theorem).items():
        if key not in experiment.parameters:
            experiment = dataclasses.replace(
                experiment, parameters=experiment.parameters | {key: _value(rule, experiment, theorem.method)}
            )
        _check_domain(rule, key, experiment, theorem.method)
    return experiment


def established(theorem: Theorem, experiment: Experiment) -> Experiment:
    """The experiment with what the hypotheses of the theorem, which must hold, establish."""
    for hypothesis in theorem.assumes:
        if (fact := hypothesis.establish(experiment)) is not None:
            experiment = experiment.established(fact)
    return experiment


def own_radius(theorem: Theorem, experiment: Experiment) -> float | None:
    """The constant radius that the theorem's rule gives, or None where it has none or its constants are not known.

    Also None where the radius is free and this one would all but end the run in one step, which shows nothing: a formula for
    the distance may round to either side of it.
    """
    for rule in theorem.parameters:
        if _key(rule) == str(t):
            try:
                found = number(rule.formula, Run.at_start(experiment, theorem.method))
            except (MissingConstant, InvalidArgument):
                return None
            if not (found.is_finite and found.is_real and found > 0) or (
                rule.free and found >= ONE_STEP * _distance(experiment)
            ):
                return None
            return float(found)
    return None


def _distance(experiment: Experiment) -> float:
    """From the start to the minimiser; infinite where none is known."""
    problem = experiment.problem
    return np.inf if problem.minimiser is None else float(problem.distance(experiment.x0, experiment.norm).value)


def validate(theorem: Theorem, experiment: Experiment) -> None:
    """Raises InvalidArgument for a given parameter that the theorem does not know, or that has the wrong length or kind, and
    for given constants that cannot be those of the problem."""
    rules, names = _rules(theorem), parameter_names(theorem)
    for name in experiment.parameters:
        if name not in names:
            raise InvalidArgument(
                f"parameter {name!r} is none of {theorem.name}; it has {', '.join(names) or 'none'}.{nearest(name, names)}"
            )
        if name in rules:
            _check_shape(rules[name], name, experiment)
    theorem.method.validate(experiment)
    for hypothesis in theorem.assumes:
        hypothesis.validate(experiment)


def parameter_names(theorem: Theorem) -> list[str]:
    """The parameters that can be given to the theorem's method."""
    return list(dict.fromkeys([*_rules(theorem), *theorem.method.parameters]))


def _rules(theorem: Theorem) -> dict[str, Rule]:
    """The rules for parameters of the method, by name."""
    return {_key(rule): rule for rule in theorem.parameters if is_known(_key(rule)) and declared(_key(rule)).parameter}


def _key(rule: Rule) -> str:
    symbol = rule.symbol
    return key_of(symbol) if isinstance(symbol, sp.Indexed) else str(symbol)


def _value(rule: Rule, experiment: Experiment, method: Algorithm) -> float | tuple[float, ...]:
    run = Run.at_start(experiment, method)
    layered = isinstance(rule.symbol, sp.Indexed)
    found = [number(rule.formula, run, place) for place in range(_count(rule, experiment))]
    if not all(value.is_finite and value.is_real for value in found):
        raise MissingConstant(f"the rule {rule.symbol} = {rule.formula} gives no finite number here; give {_key(rule)}")
    return tuple(map(float, found)) if layered else float(found[0])


def _count(rule: Rule, experiment: Experiment) -> int:
    """How many numbers the rule sets: one, or one a layer, worker or arm."""
    axis = known(_key(rule)).axis
    return 1 if axis is None else experiment.count(axis)


def _check_shape(rule: Rule, key: str, experiment: Experiment) -> None:
    """One finite number, not zero where it is no radius, or one a layer."""
    value = experiment.parameters[key]
    layered = isinstance(rule.symbol, sp.Indexed)
    count = _count(rule, experiment)
    if not isinstance(value, (float, tuple)):
        raise InvalidArgument(f"parameter {key} must be a number, not {value!r:.60}.")
    if isinstance(value, tuple) and not (layered and len(value) == count):
        wanted = f"a number or one for each of the {count} {NAMES[known(key).axis]}s" if layered else "one number"
        raise InvalidArgument(f"parameter {key} must be {wanted}, not {value}.")
    if not np.all(np.isfinite(value)) or (rule.symbol.is_positive and not np.all(np.asarray(value) > 0)):
        raise InvalidArgument(f"parameter {key} must be {'finite' if layered else 'positive and finite'}, not {value}.")


def number(expr: Any, run: Run, place: int = 0) -> Any:
    """An expression in constants, parameters, the horizon and (for one layer) `layer`, as a sympy number."""

    def walk(node: Any) -> Any:
        if isinstance(node, OverLayers):
            return walk(node.spelled_out(run.count(node.axis)))
        if isinstance(node, sp.Indexed):
            at = place_in(node.subs({axis: place for axis in AXES}))
            return sp.Float(float(run.measure(known(key_of(node))).values[at]))
        if node == K:
            return sp.Integer(run.experiment.steps)
        if axis := next((axis for axis, count in AXES.items() if node == count), None):
            return sp.Integer(run.count(axis))
        if node.is_Symbol:
            return sp.Float(float(run.measure(known(node.name)).values))
        if not node.args:
            return node
        try:
            return node.func(*map(walk, node.args))
        except ValueError:  # the larger of a number and 0 / 0
            return sp.nan

    return sp.N(walk(sp.sympify(expr)))


def _check_domain(rule: Rule, key: str, experiment: Experiment, method: Algorithm) -> None:
    if rule.domain == sp.true:
        return
    run = Run.at_start(experiment, method)
    for place in range(_count(rule, experiment)):
        if isinstance(rule.domain, sp.Eq):
            left, right = (float(number(side, run, place)) for side in rule.domain.args)
            if abs(left - right) > 1e-12 * abs(right):
                raise MissingConstant(
                    f"parameter {key} = {experiment.parameters[key]} is outside the domain {rule.domain}"
                )
            continue
        small, large = (number(side, run, place) for side in (rule.domain.lts, rule.domain.gts))
        strict = isinstance(rule.domain, (sp.StrictLessThan, sp.StrictGreaterThan))
        if not (small < large if strict else small <= large * (1 + 1e-12) + 1e-300):
            raise MissingConstant(f"parameter {key} = {experiment.parameters[key]} is outside the domain {rule.domain}")
