"""Looks at what is stated: a problem's optimum, slopes, noise and constants are tried before a verdict rests on them."""
