"""How often a 95% interval of a group's mean holds the true mean: the expanded percentile interval beside the plain one, in one run.

    python -m benchmarks.coverage [--groups 1000]

Scores of articles are drawn from a normal and from a skewed distribution (beta with 1 and 8, as shares of a rare frame are).
"""

import argparse
from functools import partial

import numpy as np

from framing.bootstrap import mean_interval

SIZES = (5, 6, 8, 10, 20, 40)
RESAMPLES = 2000


def covered(draw: partial[np.ndarray], true: float, n: int, groups: int) -> tuple[float, float]:
    """Shares of the groups whose expanded and whose plain interval hold the true mean."""
    held = np.zeros(2)
    for seed in range(groups):
        values = draw(size=n)
        low, high = mean_interval(values[:, None], np.arange(n).astype(object), RESAMPLES, np.random.default_rng(seed))
        drawn = np.random.default_rng(seed).integers(n, size=(RESAMPLES, n))
        plain = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
        held += low[0] <= true <= high[0], plain[0] <= true <= plain[1]
    return tuple(held / groups)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=1000)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    print("| scores | articles | expanded | plain |\n|---|---|---|---|")
    for name, draw, true in (("normal", partial(rng.normal), 0.0), ("skewed", partial(rng.beta, 1, 8), 1 / 9)):
        for n in SIZES:
            expanded, plain = covered(draw, true, n, args.groups)
            print(f"| {name} | {n} | {expanded:.3f} | {plain:.3f} |", flush=True)


if __name__ == "__main__":
    main()
