"""Scion: the (unconstrained) stochastic conditional gradient method with momentum, for any norm.

Pethick, Xie, Antonakopoulos, Zhu, Silveti-Falls, Cevher (arXiv:2502.07529). Its appendix was read in an extraction that
drops signs of roots, which were restored from the proofs. In D = {|x| <= varrho}:

    uSCG  d_k = a_k g(x_k; xi_k) + (1 - a_k) d_{k-1},  x_{k+1} = x_k + gamma varrho LMO(d_k)
    SCG   the same d_k,                                x_{k+1} = (1 - gamma) x_k + gamma varrho LMO(d_k)

with a_1 = 1, that is d_1 = g(x_1; xi_1). The paper counts from 1, this package from 0. Its constants max |x|_* / |x|_2 and
max {|x|_2 : x in D} / varrho are one number, rho; the Euclidean diameter of D is 2 rho varrho. lambda_k = d_k - grad f(x_k).

Lemmas D.9 and D.10, on scalar sequences, are false as printed; the theorems that use them are true, with the proofs here.
"""
