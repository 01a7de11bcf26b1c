"""Sympy expressions as nested lists, and back, without evaluating text: [class, argument, ..].

Composite nodes are made again unevaluated, in the order of their arguments, so that a tree comes back as it was and a huge
power is not computed on the way.
"""

import importlib
import re
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from broximal.oracles.errors import InvalidArgument

_SINGLETONS = ("Infinity", "NegativeInfinity", "Pi", "Exp1", "EulerGamma", "GoldenRatio", "true", "false")
_EVALUATING = (sp.Add, sp.Mul, sp.Pow, sp.Max, sp.Min, sp.Function, sp.core.relational.Relational, Boolean)
_OWN = "broximal.theory."
_DIGITS = re.compile(r"-?[0-9]{1,2000}")


def freeze_expression(value: Any) -> list[Any]:
    """The expression as nested lists of text and integers. Raises InvalidArgument for what no claim is made of."""
    for word in _SINGLETONS:
        if value is getattr(sp.S, word):
            return [word]
    if isinstance(value, sp.Integer):
        return ["Integer", str(value.p)]
    if isinstance(value, sp.Rational):
        return ["Rational", str(value.p), str(value.q)]
    if isinstance(value, sp.Float):
        sign, mantissa, exponent, _ = value._mpf_
        return ["Float", int(sign), str(int(mantissa)), int(exponent), int(value._prec)]
    if type(value) is sp.Symbol:
        return ["Symbol", value.name, _assumptions(value)]
    if isinstance(value, sp.IndexedBase):
        return ["IndexedBase", str(value.label), _assumptions(value)]
    if not value.args or isinstance(value, sp.Symbol):
        raise InvalidArgument(f"the expression {value!r} cannot be written down as plain data.")
    cls = type(value)
    name = cls.__name__ if getattr(sp, cls.__name__, None) is cls else f"{cls.__module__}:{cls.__name__}"
    return [name, *map(freeze_expression, value.args)]


def _assumptions(symbol: Any) -> dict[str, bool]:
    label: Any = symbol.label if isinstance(symbol, sp.IndexedBase) else symbol
    return {name: bool(value) for name, value in label._assumptions_orig.items() if value is not None}


def thaw_expression(frozen: Any) -> Any:
    """The expression of these nested lists. Raises InvalidArgument for anything else."""
    try:
        return _thawed(frozen)
    except InvalidArgument:
        raise
    except RecursionError:
        raise InvalidArgument("a frozen expression is too deep.") from None
    except Exception as failure:  # arguments that the class does not take
        raise InvalidArgument(f"a frozen expression cannot be made ({type(failure).__name__}).") from None


def _thawed(frozen: Any) -> Any:
    match frozen:
        case [str() as word] if word in _SINGLETONS:
            return getattr(sp.S, word)
        case ["Integer", str() as digits] if _DIGITS.fullmatch(digits):
            return sp.Integer(int(digits))
        case ["Rational", str() as p, str() as q] if _DIGITS.fullmatch(p) and _DIGITS.fullmatch(q):
            return sp.Rational(int(p), int(q))
        case ["Float", 0 | 1 as sign, str() as digits, int() as exponent, int() as bits] if (
            _DIGITS.fullmatch(digits) and abs(exponent) < 2000 and 1 <= bits <= 4096
        ):
            mantissa = int(digits)
            return sp.Float._new((sign, mantissa, exponent, mantissa.bit_length()), bits)
        case ["Symbol", str() as name, dict() as assumptions]:
            return sp.Symbol(name, **_checked(assumptions))
        case ["IndexedBase", str() as name, dict() as assumptions] if name.isidentifier():
            known = _checked(assumptions)
            return sp.IndexedBase(sp.Symbol(name, **known))
        case [str() as name, _, *_]:
            return _node(name, [_thawed(argument) for argument in frozen[1:]])
    raise InvalidArgument(f"{str(frozen)[:100]!r} is no frozen expression.")


def _checked(assumptions: dict[str, Any]) -> dict[str, bool]:
    if not all(isinstance(value, bool) and name.isidentifier() for name, value in assumptions.items()):
        raise InvalidArgument("a frozen symbol has malformed assumptions.")
    return assumptions


def _node(name: str, arguments: list[Any]) -> Any:
    if ":" in name:
        module, _, own = name.partition(":")
        if not (module.startswith(_OWN) and own.isidentifier() and re.fullmatch(r"[a-z0-9_.]+", module)):
            raise InvalidArgument(f"{name:.100} is no class of expressions.")
        cls = getattr(importlib.import_module(module), own, None)
    else:
        cls: Any = getattr(sp, name, None) if name.isidentifier() else None
    if not isinstance(cls, type) or not issubclass(cls, (sp.Expr, Boolean, sp.Tuple)):
        raise InvalidArgument(f"{name:.100} is no class of expressions.")
    if ":" not in name and issubclass(cls, _EVALUATING):
        unevaluated: Any = cls
        return unevaluated(*arguments, evaluate=False)
    return cls(*arguments)
