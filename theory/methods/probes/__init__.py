"""No methods: points, sequences, samplings and matrices on which statements without an algorithm are looked at."""
