"""EF21-Muon: distributed LMO steps with compressed messages and error feedback both ways.

arXiv:2510.00643. The algorithm was read in restatements; no theorem was available. Everything here is derived, with its
proof in the docstring of its own module; f = mean f_j over n workers. The whole space is one layer in any norm, but for
the last remark. So

    |X|^2 = sum_i w_i^2 |X_i|_i^2     the sharp step moves layer i by gamma |G_i|_i* / w_i^2, and the compressors of the layers
                                     contract with the smallest of their alpha (`L2Product`)
    |X| = max_i |X_i|_i / r_i        a step of length t moves every layer by r_i t (`Product`); random compressors of the
                                     server's layers need a shared coin there, since E max is not max E

cover layer-wise methods on coupled layers; `problems.one_layer` has the constants. For f_j that are sums over the layers the
`layerwise` statements give every layer a stepsize of its own, from its own constants, and need no shared coin.

Notation: q = sqrt(1 - alpha), kappa = q / (1 - q), omega = (1 + q_P) / (1 - q_P), E|C(x) - x| <= q |x| by Jensen.
"""
