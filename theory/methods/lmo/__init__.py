"""LMO methods, composed: estimator of the gradient x radius rule x layer sampler x decay.

    m_k = estimator(gradients),   x_{k+1}^i = (1 - decay) x_k^i + t_k^i LMO_i(m_k^i)   for the sampled layers i

Muon, Scion, Gluon, layer-wise normalised gradient and sign descent, and Drop-Muon are instances: the norms of the layers
come from the setting, the rest from the parts.
"""

from broximal.theory.methods.lmo.estimators import AverageOfLmos, Ema, Exact
from broximal.theory.methods.lmo.family import LmoMethod
from broximal.theory.methods.lmo.rules import Adaptive, Clipped, Given, Logarithmic, PerLayer, Sharp, Whole
from broximal.theory.methods.lmo.samplers import Drawn, Full
from broximal.theory.methods.servers.ef21 import Ef21

__all__ = [
    "Adaptive",
    "AverageOfLmos",
    "Clipped",
    "Drawn",
    "Ef21",
    "Ema",
    "Exact",
    "Full",
    "Given",
    "LmoMethod",
    "Logarithmic",
    "PerLayer",
    "Sharp",
    "Whole",
]
