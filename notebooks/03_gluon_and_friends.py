# %% [markdown]
# # Gluon and friends
#
# Methods that move every layer by the linear minimisation oracle of its own norm: $x^l_{k+1} = x^l_k + t^l_k\,\mathrm{LMO}_l(m^l_k)$. Muon,
# Scion, layer-wise sign descent, Drop-Muon and EF21-Muon differ in the norms, in the estimate $m_k$, in the radii, in which layers move,
# and in what is sent. Their theorems differ in what they call layer-wise $(L_0, L_1)$-smoothness.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from broximal import theory
from broximal.oracles import norms, polar
from broximal.problems import CoupledQuadratic, TwoLayerNetwork
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.worst import OneSided
from broximal.verify import check

# %% [markdown]
# ## Exact and approximate LMOs
# The exact step of the spectral norm is $-UV^\top$; in training it is approximated by polynomials of the gradient. Below, what they make of
# a singular value in five steps: Muon's coefficients never converge, Polar Express is the best composition for its interval.

# %%
sigma = np.geomspace(1e-3, 1.0, 400)
methods = {"Jordan (Muon)": "jordan", "Polar Express": "polar-express", "cubic": "cubic"}
fig, axis = plt.subplots(figsize=(6, 3.4))
with jax.enable_x64(True):
    for label, name in methods.items():
        diagonal = jnp.diag(jnp.asarray(sigma))
        found = -np.diag(np.asarray(polar.method(name).point(diagonal)))
        axis.semilogx(sigma / np.linalg.norm(sigma), found, label=label)
axis.axhline(1.0, color="black", lw=0.8)
axis.set_xlabel("singular value after normalisation")
axis.set_ylabel("singular value of $-O$")
axis.legend()
fig.tight_layout()

# %% [markdown]
# What that costs on a gradient: `lo` of the dual norm is captured by a direction of size `hi`, and by the inexact-LMO bound the number of
# steps grows by $(hi/lo)^2$.

# %%
g = np.random.default_rng(0).standard_normal((64, 96)) * np.geomspace(1, 1e-3, 96)
for label, name in {"exact": "exact", **methods}.items():
    answer = polar.method(name).lmo(jnp.asarray(g, jnp.float32))
    lo, hi = float(answer.lo), float(answer.hi)
    print(f"{label:14s}  lo {lo:.3f}  hi {hi:.3f}  steps x {(hi / lo) ** 2:.2f}")

# %% [markdown]
# ## What "layer-wise smooth" means
# Read for all pairs of points, the assumption of Gluon's Theorem 1 forces $f$ to be a sum over the layers. For coupled layers the row sums
# $\sum_j L_{lj}$ of the coupling matrix are right, and the diagonal blocks $\|H_{ll}\|$ are not: with correlation 0.95 the method then
# overshoots in the direction that the layers share, and with more layers it diverges.

# %%
layers = 4
H = 0.95 * np.ones((layers, layers)) + 0.05 * np.eye(layers)
coupled = CoupledQuadratic(H, [np.zeros(1)] * layers, [np.array([v]) for v in (1.0, 0.5, -0.2, 0.8)])
product = norms.Product([norms.L2()] * layers)
rows = {
    "row sums": coupled.smoothness(product)[0].L0,
    "diagonal blocks": tuple(float(H[j, j]) for j in range(layers)),
}
fig, axis = plt.subplots(figsize=(6, 3.2))
for label, L in rows.items():
    x, values = coupled.x0, []
    for _ in range(6):
        values.append(float(coupled.value(x)))
        x = [part - grad / constant for part, grad, constant in zip(x, coupled.gradient(x), L, strict=True)]
    axis.semilogy(np.maximum(values, 1e-8), "o-", label=label)
axis.set_xlabel("step")
axis.set_ylabel("f")
axis.legend()
fig.tight_layout()

# %%
check("gluon.false_diagonal")

# %% [markdown]
# If the constants bound the second derivative instead (as for exp, cosh and $x^4$, which the literal assumption excludes), a step of
# radius $g/(L_0 + L_1 g)$ decreases $f$ by $(3 - e)\,g^2/(L_0 + L_1 g)$ and not by half of it. The function below attains $3 - e$ in
# $\ell_\infty$.

# %%
one_sided = OneSided(1.0, 1.0)
radii = np.linspace(0.0, 1.4, 200)
start = one_sided.x0
fall = [
    float(one_sided.value(start) - one_sided.value(start + t * norms.LInf().lmo(one_sided.gradient(start))))
    for t in radii
]
fig, axis = plt.subplots(figsize=(6, 3.2))
axis.plot(radii, fall, label="measured decrease of a step of radius t")
axis.plot(radii, radii - radii**2 / 2, "--", label=r"descent lemma with $L_1$: $t - t^2/2$")
axis.plot([1], [3 - np.e], "ko", label=r"$t = 1/L_1$: $3 - e$")
axis.plot([np.log(2)], [2 * np.log(2) - 1], "k^", label=r"$t = \log 2 / L_1$: $2\log 2 - 1$")
axis.set_xlabel("radius t")
axis.legend(fontsize=8)
fig.tight_layout()

# %%
check("gluon.false_half")

# %%
check("gluon.hessian_raw")

# %% [markdown]
# ## Gluon, measured against its bound
# Three layers in three norms (spectral, $\ell_\infty$, $\ell_2$), a function that is not convex and not smooth, but satisfies the literal
# assumption.

# %%
f = Ridges(random_layer("psi", (4, 3), 1), random_layer("psi", 5, 2), random_layer("psi", 3, 3))
geometry = norms.Product([norms.Spectral(), norms.LInf(), norms.L2()])
print(f.smoothness(geometry)[0])
report = check("gluon.adaptive_radius", f, geometry)
report

# %%
report.plot()

# %% [markdown]
# On data: a bounded network with both layers trained on the digits 3 and 8, with constants computed from the data.

# %%
network = TwoLayerNetwork.from_data((3, 8))
spectral_linf = norms.Product([norms.Spectral(), norms.LInf()])
print(network.smoothness(spectral_linf)[0])
check("gluon.adaptive_radius", network, spectral_linf, steps=25)

# %% [markdown]
# ## Noise
# Bounds in expectation are tested by betting on seeds until they are decided at a stated level; the inequality of every path is tight and
# catches wrong constants, the bound in expectation is loose.

# %%
check("gluon.stochastic")

# %% [markdown]
# ## Drop-Muon: some layers at a time
# The expectation over the sampled layers is exact here, so that the descent inequality is tested path by path.

# %%
check("drop_muon.descent", network, spectral_linf, steps=25)

# %% [markdown]
# ## Stepsizes
# The theory's radii for a horizon, from constants of two layers.

# %%
values = {"L0": [0.1, 0.01], "L1": [70.0, 1.3], "rho": [27.7, 6213.0], "sigma": 0.1, "d0": 5.0, "K": 10_000}
for line in theory.parameters(theory.find("gluon.stochastic_horizon"), values)[:3]:
    print(f"{line.name:8s} {line.value:.6g}   {line.why}")
