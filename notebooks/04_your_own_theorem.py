# %% [markdown]
# # Your own theorem
#
# A method that is not in the catalogue, a theorem about it with its proof, a check, and what happens when the theorem is
# wrong. Everything here works the same from a file: `broximal new method FILE` writes one to start from, and
# `broximal verify --theorems FILE` checks it.

# %%
from typing import Any

import numpy as np
import sympy as sp

from broximal.oracles.arrays import combine, namespace, subtract
from broximal.oracles.norms import LInf
from broximal.problems import Noisy, Quadratic, noise
from broximal.theory import Case, EachHorizon, EachStep, Experiment, Rule, Source, Theorem
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0, gap, grad, i, k, value
from broximal.theory.columns.whole import eta
from broximal.theory.hypotheses.functions import BoundedBelow, ExactGradients, Positive
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.quantity import Entry, column
from broximal.verify import check, run

# %% [markdown]
# ## The method
#
# Signum moves along the signs of a momentum, $x_{k+1} = x_k - \eta \operatorname{sign}(m_k)$ with
# $m_k = (1-a) m_{k-1} + a \nabla f(x_k)$. A method is a pure pair: a first state, and the state after a step. It records
# nothing; whoever runs it decides what is measured.


# %%
class SignumState(State):
    x: Any  # what theorems speak about
    m: Any  # the method's own


class Signum(Algorithm):
    needs = "sample"  # stochastic gradients, and exact ones where there is no noise
    name = "signum"
    update = r"x_{k+1} = x_k - \eta \operatorname{sign}(m_k)"

    def sampled(self, world, x, key):
        f = world.problem.draw(key) if world.problem.stochastic else world.problem
        return f.gradient(x)

    def init(self, world, x0, key):
        return SignumState(x0, self.sampled(world, x0, key))

    def step(self, world, state, k, key):
        m = combine(1 - world["a"], state.m, world["a"], self.sampled(world, state.x, key))
        return SignumState(combine(1.0, state.x, -world["eta"], namespace(m).sign(m)), m)


# %% [markdown]
# The same step runs in numpy, and as one jitted scan over steps and seeds where there is noise. Only the columns that are
# asked for are measured.

# %%
noisy = Noisy(Quadratic.example(6, seed=1), noise.Gaussian(0.5))
experiment = Experiment.make(noisy, LInf(), steps=300, parameters={"a": 0.1, "eta": 0.01})
runs = run(Signum(), experiment, columns=[gap], seeds=range(32))
gaps = np.array([one.column("gap").values for one in runs])
print(
    f"mean gap over {len(runs)} seeds: {gaps[:, 0].mean():.3g} at the start, {gaps[:, -1].mean():.3g} after 300 steps"
)

# %% [markdown]
# ## A theorem and its proof
#
# Let $f$ be $L$-smooth in $\ell_\infty$ and bounded below, $d_0 = f(x_0) - \inf f$, and let gradients be exact. With
# $G_k = \|\nabla f(x_k)\|_1$ and $E_k = \|m_k - \nabla f(x_k)\|_1$,
#
# * one step: $\eta G_k - 2 \eta E_k - L \eta^2 / 2 \le f(x_k) - f(x_{k+1})$,
# * average: $\frac1K \sum_{k<K} G_k \le \frac{d_0}{\eta K} + \frac{L\eta}{2} + \frac{2 (1-a) L \eta}{a}$.
#
# *Proof.* $\langle \nabla f, \operatorname{sign} m \rangle \ge \|m\|_1 - E \ge G - 2E$ and $\|\eta \operatorname{sign} m\|_\infty
# \le \eta$: the descent lemma gives one step. The error of the momentum obeys $E_k \le (1-a)(E_{k-1} + L \eta)$ with
# $E_0 = 0$, so $E_k \le (1-a) L \eta / a$, and the sum of the steps gives the average. $\square$
#
# $E_k$ is a quantity of its own. It is measured from a view of the state before a step and one of the state after it, with
# the error that rounding leaves, and says how it scales with $f$ and $x$.


# %%
@column("signum_error", r"\|m_{#} - \nabla f(x_{#})\|_1", "error of the momentum", "f/x")
def error(now, after):
    size = now.norm.dual._value(subtract(after.state.m, now.gradient))
    return Entry(size, 1e-14 * (size + now.norm.dual._value(now.gradient)))


def bowl(seed):
    return Quadratic(np.eye(1), about=np.zeros(1), x0=np.ones(1))


SHARP = Case(bowl, LInf(), parameters={"a": 1.0, "eta": 1.0}, steps=1, sharp=0.999, note="one step to the minimiser")
CASES = (SHARP, Case(bowl, LInf(), parameters={"a": 0.9, "eta": 0.34}, steps=3, note="a little momentum"))


def signum(name, average):
    return Theorem(
        name=name,
        title="Signum on a smooth function",
        source=Source("this notebook", "proved here"),
        assumes=(BoundedBelow(), Positive("L"), ExactGradients()),
        method=Signum(),
        parameters=(
            Rule(a, sp.Rational(1, 2), a <= 1, free=True, why="any share"),
            Rule(eta, sp.sqrt(d0 / (L * K)), eta > 0, free=True, why="balances the first two terms"),
        ),
        claims=(
            EachStep(eta * grad[k] - 2 * eta * error[k] - L * eta**2 / 2 <= value[k] - value[k + 1], "one step"),
            EachHorizon(sp.Sum(grad[i], (i, 0, K - 1)) / K <= average, "average"),
        ),
        cases=CASES,
    )


DRIFT = 2 * (1 - a) * L * eta / a
theorem = signum("mine.signum", d0 / (eta * K) + L * eta / 2 + DRIFT)
theorem

# %% [markdown]
# ## The check
#
# On its own cases the bound is attained, so a bound that is three per cent smaller is refuted.

# %%
check(theorem)

# %%
print(check(theorem.altered(0.97)).verdict)

# %% [markdown]
# And on a problem that was not made for it. A bound that is far from what is measured is called *loose*: the check would not
# have noticed a much smaller one.

# %%
report = check(theorem, Quadratic.example(6, seed=1), LInf(), steps=60)
report

# %%
report.plot()

# %% [markdown]
# ## Breaking it
#
# The momentum lags behind the gradient, and the last term pays for that. Without it the theorem is false, and a case with
# momentum says so. So does a case without, if the second term is forgotten: every term needs an instance that shows it.

# %%
valley = Case(
    lambda seed: Quadratic(np.eye(1), about=np.zeros(1), x0=np.full(1, 1e-3)),
    LInf(),
    parameters={"a": 0.05, "eta": 0.05},
    steps=60,
    note="over the minimiser and back, with little friction",
)
for forgotten, bound in (("drift", d0 / (eta * K) + L * eta / 2), ("curvature", d0 / (eta * K) + DRIFT)):
    wrong = signum("mine.wrong", bound)
    on_cases = [
        check(wrong, case.problem(0), case.norm, steps=case.steps, parameters=case.parameters)
        for case in (*CASES, valley)
    ]
    print(forgotten, "forgotten:", [report.verdict.value for report in on_cases])

# %% [markdown]
# A claim is read exactly as it is written, or refused when it is made: an index that is no $k + c$, a symbol that no
# vocabulary knows, terms that scale differently.

# %%
for claim in (
    lambda: EachStep(gap[k**2] <= gap[0], "index"),
    lambda: EachStep(gap[k + 1] <= sp.Symbol("zeta") * gap[k], "symbol"),
    lambda: EachStep(gap[k + 1] <= gap[k] + grad[k], "units"),
):
    try:
        claim()
    except Exception as refused:
        print(refused)
