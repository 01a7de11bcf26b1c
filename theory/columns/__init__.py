"""What can be measured on a run: points, layers, noise, workers, clocks. One key for one quantity."""
