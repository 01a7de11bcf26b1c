"""The Broximal Point Method: x_{k+1} in argmin { f(z) : |z - x_k| <= t_k }.

Gruntkowska, Li, Rane, Richtarik (arXiv:2502.02002) introduced it in the Euclidean norm, Gruntkowska, Richtarik
(arXiv:2510.00823) in any norm. The full texts were not available when these files were written: the abstracts' facts
are marked "second hand", everything else is derived with its proof in the docstring of its own module ("proved here").

Notation of the package: D_k = |x_k - x*| (the distance to X* where it is known), gap_k = f(x_k) - f*, g_{k+1} the
aligned subgradient of the step, an element of df(x_{k+1}) with <g, x_k - x_{k+1}> = t_k |g|_*.
"""
