"""Drop-Muon: at every step a random set of layers moves, the others keep their weights and their momentum.

Gruntkowska, Maziane, Qu, Richtarik (arXiv:2510.02239). The update rules and the samplers were read in restatements; the
theorems were not available. Everything here is derived, with its proof in the docstring of its own module, for any
sampler that is independent of the past: only the marginals P_l = Pr(l in S^k) enter.
"""
