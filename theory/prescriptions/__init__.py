"""From parameter rules to numbers: radii, stepsizes, momentum, K(eps)."""
