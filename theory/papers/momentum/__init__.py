"""LMO methods with momentum in one norm, m_k = (1 - a) m_{k-1} + a g(x_k; xi_k), x_{k+1} = x_k + eta LMO(m_k).

Muon, Scion, sign and normalised gradient descent with momentum. All statements are derived, with their proofs in the
docstrings of their modules; the subject is that of Cutkosky, Mehta (arXiv:2002.03305) and Kovalev (arXiv:2503.12645).

Notation: G_k = |grad f(x_k)|_*, e_k = m_k - grad f(x_k), d_0 = f(x_0) - inf f, rho = max |v|_* / |v|_2, sigma the
Euclidean standard deviation of the stochastic gradient.
"""
