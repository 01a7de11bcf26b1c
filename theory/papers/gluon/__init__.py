"""Gluon: every layer moves by the LMO of its own norm, x^l_{k+1} = x^l_k + t^l_k LMO_l(m^l_k).

Riabinin, Shulgin, Gruntkowska, Richtarik (arXiv:2505.13416). Its Theorem 1 and Theorem 3(1), the assumption they make and
the method were read in a third party's transcription ("second hand"); what stands here without that mark is derived,
with its proof in the docstring of its own module. The assumption can be read in several ways that differ in what they
prove; they are kept apart (see `broximal.problems.smoothness`).

Notation: g_l = |grad_l f(X)|_(l)*, d_0 = f(X_0) - inf f.
"""
