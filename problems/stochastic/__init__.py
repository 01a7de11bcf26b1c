"""Noise, and finite sums seen through minibatches."""
