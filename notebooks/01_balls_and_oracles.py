# %% [markdown]
# # Balls and oracles
#
# A *norm* in broximal is an object: it has a value, a dual, a linear minimisation oracle (LMO), a projection and a prox,
# and every oracle says how exact its answer is. This notebook draws them in the plane, in six norms.

# %%
import matplotlib.pyplot as plt
import numpy as np

from broximal import oracles, problems
from broximal.oracles import norms

SIX = [
    norms.L1(),
    norms.L2(),
    norms.LInf(),
    norms.Lp(3.0),
    norms.WeightedL1([1.0, 2.0]),
    norms.Ellipsoid([[2.0, 0.8], [0.8, 1.0]]),
]


def sphere(norm, count=361):
    """The unit sphere of a norm, by scaling directions."""
    angle = np.linspace(0, 2 * np.pi, count)
    return np.array([np.array([np.cos(a), np.sin(a)]) / norm(np.array([np.cos(a), np.sin(a)])) for a in angle])


def panels():
    figure, axes = plt.subplots(2, 3, figsize=(10, 6.6), layout="constrained")
    for place, norm in zip(axes.flat, SIX, strict=True):
        place.plot(*sphere(norm).T, color="black", lw=1)
        place.set_aspect("equal")
        place.set_title(norm.name)
        place.axhline(0, color="lightgrey", lw=0.5, zorder=0)
        place.axvline(0, color="lightgrey", lw=0.5, zorder=0)
    return figure, axes.flat


# %% [markdown]
# ## Unit balls and their duals
# The dual norm $\|v\|_* = \max\{\langle v, u\rangle : \|u\| \le 1\}$ is again an object of the algebra, and the dual of
# the dual is the norm we started from.

# %%
figure, axes = panels()
for place, norm in zip(axes, SIX, strict=True):
    place.plot(*sphere(norm.dual).T, color="tab:orange", lw=1, ls="--")
figure.suptitle("unit sphere (black) and dual unit sphere (dashed)")
plt.show()

# %% [markdown]
# ## The LMO
# $\operatorname{LMO}(g) = \operatorname{argmin}\{\langle g, v\rangle : \|v\| \le 1\}$, always the minimiser. The arrow is $-g$, the
# dot the oracle's answer, and the dashed line the level set of $\langle g, \cdot\rangle$ that touches the ball there.

# %%
g = np.array([-1.0, -0.45])
figure, axes = panels()
for place, norm in zip(axes, SIX, strict=True):
    answer = oracles.lmo(norm, g)
    place.annotate("", xy=-g / np.linalg.norm(g) * 0.6, xytext=(0, 0), arrowprops={"arrowstyle": "->", "color": "grey"})
    along = np.array([-g[1], g[0]]) / np.linalg.norm(g)
    line = answer.point + np.outer([-0.8, 0.8], along)
    place.plot(*line.T, color="tab:blue", ls="--", lw=1)
    place.plot(*answer.point, "o", color="tab:blue")
    print(f"{norm.name:32s} LMO {np.round(answer.point, 4)}   gap {answer.gap:+.1e}   excess {answer.excess:+.1e}")
figure.suptitle("LMO of the same g")
plt.show()

# %% [markdown]
# The *gap* $\langle g, v\rangle + \|g\|_*$ is zero exactly when $v$ is a minimiser: a wrong oracle cannot hide behind a feasible point.
#
# ## The broximal operator
# $\operatorname{brox}_t f(x) = \operatorname{argmin}\{f(z) : \|z - x\| \le t\}$: the exact minimiser of $f$ over a ball, not of its
# linearisation. Below, the level sets of one quadratic, the ball around one $x$, the LMO step (blue) and the broximal
# step (red) in each norm.

# %%
quadratic = problems.Quadratic([[3.0, 1.2], [1.2, 0.8]], [0.0, 0.0])
x, t = np.array([1.6, -1.0]), 1.0
grid = np.stack(np.meshgrid(np.linspace(-0.4, 3.2, 80), np.linspace(-2.6, 0.9, 80)), axis=-1)
levels = np.array([[quadratic.value(z) for z in row] for row in grid])
figure, axes = panels()
for place, norm in zip(axes, SIX, strict=True):
    place.clear()
    place.contour(grid[..., 0], grid[..., 1], levels, levels=12, colors="lightgrey", linewidths=0.7)
    place.plot(*(x + t * sphere(norm)).T, color="black", lw=1)
    answer = oracles.brox(quadratic, norm, x, t)
    linear = x + norm.lmo(quadratic.gradient(x), t)
    place.plot(*x, "k.")
    place.plot(*np.array([x, linear]).T, "-o", color="tab:blue", ms=4, label="LMO")
    place.plot(*np.array([x, answer.point]).T, "-o", color="tab:red", ms=4, label="brox")
    place.set_title(f"{norm.name}: {answer.path}", fontsize=9)
    place.set_aspect("equal")
    print(
        f"{norm.name:32s} f(brox) {answer.value:.6f}  f(LMO step) {quadratic.value(linear):.6f}  gap {answer.gap:.1e}"
    )
axes[0].legend()
plt.show()

# %% [markdown]
# Each answer carries its certificate: `gap` bounds $f(u) - \min$ from above, `tau` is the radius for which $u$ is at least as
# good as the exact step whatever the gap, `multiplier` is the stepsize of the proximal step that ends at the same point.

# %%
oracles.brox(quadratic, norms.LInf(), x, t)

# %% [markdown]
# ## Matrices and layers
# The same verbs act on matrices and on products over layers; Muon's direction is the LMO of the spectral norm.

# %%
rng = np.random.default_rng(0)
layers = {"embedding": rng.standard_normal((4, 3)), "head": rng.standard_normal(5)}
product = norms.Product({"embedding": norms.Spectral(), "head": norms.LInf()}, {"embedding": 1.0, "head": 0.1})
answer = oracles.lmo(product, layers)
print(np.linalg.svd(answer.point["embedding"], compute_uv=False), answer.point["head"], float(answer.gap))
