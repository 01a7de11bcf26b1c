"""Smooth families."""
