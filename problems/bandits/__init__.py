"""Arms of a bandit, and the laws of their rewards."""
