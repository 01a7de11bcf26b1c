"""Instances that the statements of several papers are checked on."""
