"""What can be assumed: of functions, smoothness, noise, workers."""
