"""Methods of a server with workers."""
