"""Why some bounds have no sharp case, where the reason is that of many."""

LOOSE = "the constants of expectation bounds are loose: only the inequality of every path is nearly attained"
APART = "noise and drift are added by the triangle inequality, and their largest values do not meet on a run"

# Why no case refutes a bound without some part of it.
ROOM = "on every instance known the bound leaves more room than this part of it takes"
FIRST = "the first sample is one of 1 / a that count, and no run is known on which the bound has no room for one more"
VARIANCE = "it is part of the variance of averaged noise, a / (2 - a), of which at most a third is reached"
MANY_STEPS = "one dimension shows the term; for the noise of many entries to fill the bound takes more steps than a check can make"
SIDES = (
    "Markov's inequality is far from attained, so that ten times the bound on the mean leaves room for any part of it"
)
ZERO = "it is 0 in the meaning of smoothness that the statement takes"
NEAR_ONE = "it is near 1 and enters terms that grow and terms that fall with it"
APART_FROM_ROOT = "the root beside it has the same term, and together they leave room for one of the two"
