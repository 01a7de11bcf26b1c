"""Losses of data."""
