"""Problems made of problems."""
