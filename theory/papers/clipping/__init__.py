"""Generalised gradient norm clipping: x_{k+1} = x_k + gamma min{varrho, |d_k|_*} LMO(d_k), and its conditional gradient kin.

Pethick and others (arXiv:2506.01913), whose text and proofs were read. Theorems 4.3 and 4.7 lose a factor under a root in
their proofs and are false as printed; they stand here refuted, beside the true statements. Theorem 4.9 is about any share of
momentum in terms of its errors; to bound these beforehand where L1 > 0 takes shorter steps, see `stochastic`.

Assumed in most: |grad f(x) - grad f(y)|_* <= (L0 + L1 |grad f(x)|_*) |x - y| for |x - y| <= 1 / L1.
Notation: G_k = |grad f(x_k)|_*, d_0 = f(x_0) - inf f.
"""
