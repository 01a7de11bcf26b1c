"""Approximate polar factors by matrix products: what is proved about the error before the matrix is seen.

Statements about oracles, not about methods: the error of the iterate is measured on random matrices with a prescribed least
singular value and compared with the guarantees of `broximal.oracles.polar`.
"""
