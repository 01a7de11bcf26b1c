"""The non-Euclidean trust-region gradient method with momentum of Kovalev (arXiv:2503.12645), without a regulariser.

    m_0 = g(x_0; xi_0),   m_{k+1} = (1 - a) m_k + a g(x_k; xi_k'),   x_{k+1} = x_k + eta LMO(m_{k+1})

Its Lemma 3 and Theorem 2 were read in somebody else's restatement, where the algorithm is an image: the order of the
updates is the one that reproduces the constants. The proofs are written here.

Notation: G_k = |grad f(x_k)|_*, d_0 = f(x_0) - inf f, rho = max |v|_* / |v|_2, E|g - grad f|_2^2 <= sigma^2.
"""
