"""Means over workers."""
