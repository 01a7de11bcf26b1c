"""What can be measured on a run: points, layers, noise, workers, arms, clocks. One key for one quantity."""

from broximal.theory.columns import clocks

__all__ = ["clocks"]  # whoever measures anything can ask what it cost
