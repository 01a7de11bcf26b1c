"""Methods that minimise the function itself over a ball."""
