# %% [markdown]
# # The Broximal Point Method, checked
#
# $x_{k+1} \in \operatorname{argmin}\{f(z) : \|z - x_k\| \le t_k\}$. A theorem is data; checking it is running its method on a certified problem with
# certified oracles and comparing two expressions within an error budget.

# %%
import matplotlib.pyplot as plt
import numpy as np

from broximal import problems, theory
from broximal.oracles import brox, norms
from broximal.verify import check

# %% [markdown]
# ## A card

# %%
theory.find("bpm.star_rate")

# %% [markdown]
# ## A report
# First the hypotheses are checked on the instance, then the run is made, then both sides of every claim are compared at every
# step. "catches" is the power of the check: the smallest error of the bound that this run would have refuted.

# %%
problem = problems.Quadratic.example(20, seed=1)
report = check("bpm.star_rate", problem, norms.LInf(), radius=0.15, steps=30)
report

# %%
report.plot()

# %% [markdown]
# The same theorem on its own cases. The first one attains the bound, so that an error of a thousandth would be caught.

# %%
check("bpm.star_rate")

# %% [markdown]
# ## A wrong theorem is refuted
# Every bound of the theorem multiplied by 0.97: the sharp case refutes it and keeps a witness.

# %%
wrong = theory.find("bpm.star_rate").altered(0.97)
refuted = check(wrong)
print(refuted.verdict)
print(refuted[0].why, refuted[0].witness["step"])

# %% [markdown]
# ## Finite termination
# In the Euclidean norm at most $\lceil D_0^2/t^2\rceil$ steps are needed, and the staircase attains it for every integer.

# %%
for dim in (2, 3, 4, 5, 6):
    stairs = problems.worst.Staircase(dim)
    report = check("bpm.termination", stairs, norms.L2(), radius=1.0, steps=20)
    print(dim, report.verdict, report.claims[0].why)

# %% [markdown]
# In other norms that count is false: in $\ell_\infty^d$ an instance with $D_0 \approx t$ takes $2^d - 1$ steps.

# %%
check("bpm.false_dimension_free")

# %% [markdown]
# ## The distance may grow
# A strictly convex quadratic in the plane with the $\ell_\infty$ norm: from $(2, 2)$ the step of radius $1/2$ ends at $(3/2, 5/2)$. In
# exact arithmetic the distance to the minimiser grows from 2 to 5/2.

# %%
moving = problems.worst.DistanceGrowth()
points, norm, t = [np.array([2.0, 2.0])], norms.LInf(), 0.5
while len(points) < 8 and norm(points[-1]) > t:
    points.append(brox(moving, norm, points[-1], t).point)
points.append(brox(moving, norm, points[-1], t).point)
path = np.array(points)

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
grid = np.stack(np.meshgrid(np.linspace(-0.5, 3, 90), np.linspace(-0.5, 3.6, 90)), axis=-1)
left.contour(
    grid[..., 0], grid[..., 1], [[moving.value(z) for z in row] for row in grid], levels=14, colors="lightgrey"
)
left.plot(*path.T, "-o", color="tab:red", ms=4)
left.set_title("the points of the run")
right.plot([float(norm(x)) for x in path], "-o", label=r"$\|x_k - x^\star\|_\infty$")
right.plot([float(norms.L1()(x)) for x in path], "-o", label=r"$\|x_k - x^\star\|_1$")
right.set_xlabel("k")
right.legend()
plt.show()
check("bpm.false_distance_monotone")

# %% [markdown]
# ## What the theory prescribes

# %%


for line in theory.parameters(theory.find("bpm.sublevel_rate"), {"R0": 3.0, "d0": 10.0, "t": 0.25}, target=1e-3):
    print(f"{line.name:24s} {line.value}   {line.text}")
