"""Why some bounds have no sharp case, where the reason is that of many."""

LOOSE = "the constants of expectation bounds are loose: only the inequality of every path is nearly attained"
APART = "noise and drift are added by the triangle inequality, and their largest values do not meet on a run"
