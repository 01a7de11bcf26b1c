"""The known methods as instances: a method from the parts, and the norms of the layers it is known by.

    method, norm = muon(x0);   check("gluon.stochastic", problem, norm)      or      verify.run(method, experiment)

x0 is the starting point, a pytree of arrays; parameters are `tau` (radii of the layers) and `a` (share of the new gradient).
"""

from typing import Any

import jax

from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Flattened, LInf, OneToInf, Product, RmsToRms, Spectral
from broximal.theory.methods.lmo.active import Drawn
from broximal.theory.methods.lmo.estimators import Ema, Exact
from broximal.theory.methods.lmo.method import LmoMethod
from broximal.theory.methods.lmo.stepsizes import PerLayer

Instance = tuple[LmoMethod, Norm]


def layerwise(x0: Any, matrix: type[Norm], other: type[Norm], flatten: bool = False) -> Norm:
    """One norm for matrices and another for the other arrays, joined by a product if there are several layers.

    flatten  are arrays of more than two axes, kernels of convolutions, matrices (out, all the rest)?
    """

    def norm(leaf: Any) -> Norm:
        if leaf.ndim > 2 and flatten:
            return Flattened(matrix())
        return matrix() if leaf.ndim == 2 else other()

    each = jax.tree.map(norm, x0)
    return each if isinstance(each, Norm) else Product(each)


def muon(x0: Any) -> Instance:
    """Muon (Jordan 2024): spectral norm, Nesterov momentum; kernels are matrices (out, rest), sign descent for vectors."""
    return LmoMethod(PerLayer(), Ema(nesterov=True), title="Muon"), layerwise(x0, Spectral, LInf, flatten=True)


def scion(x0: Any) -> Instance:
    """Unconstrained Scion (arXiv:2502.07529): RMS to RMS norm of matrices, signs of the rest."""
    return LmoMethod(PerLayer(), Ema(), title="unconstrained Scion"), layerwise(x0, RmsToRms, LInf)


def constrained_scion(x0: Any) -> Instance:
    """Scion: the Frank-Wolfe form with the parameter `theta` of decoupled decay."""
    return LmoMethod(PerLayer(), Ema(), decay="theta", title="Scion"), layerwise(x0, RmsToRms, LInf)


def signs(x0: Any) -> Instance:
    """Sign descent: the largest entry as norm, of vectors and matrices alike."""
    return LmoMethod(PerLayer(), Exact(), title="sign descent"), layerwise(x0, OneToInf, LInf)


def normalised(x0: Any) -> Instance:
    """Layer-wise normalised gradient descent: every layer in its Euclidean norm."""
    return LmoMethod(PerLayer(), Exact(), title="layer-wise normalised gradient"), layerwise(x0, L2, L2)


def drop_muon(x0: Any) -> Instance:
    """Drop-Muon: Muon's norms, momentum, and only a drawn set of layers moves (parameters `weights` or `P`)."""
    return LmoMethod(PerLayer(), Ema(again=True), Drawn(), title="Drop-Muon"), layerwise(
        x0, Spectral, LInf, flatten=True
    )
