"""What can be measured on a run: points, layers, noise, workers, arms, clocks. One key for one quantity."""
