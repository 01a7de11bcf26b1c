"""Families with kinks, and what they are built from."""
