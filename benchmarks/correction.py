"""How often a 95% interval of a corrected estimate holds the truth: by how frequent the frame is and how many passages of a group are coded.

    python -m benchmarks.correction [--samples 400] [--seed 1] [--estimator corrected]

Simulated groups of 25 articles with 12 passages each, coded as `framing draw` draws, and a model that misses half of what is there, or one that
sees it in a quarter of the passages where it is not. Printed are the shares of the intervals that hold the true share of the frame, that lie below it
and above it, and that do not exist, with the median width. A share of 95% in 400 samples is known to about 2 points either way (twice its
standard error); all groups of one line come from corpora of `PAIRS` groups of either kind.
"""

import argparse
import math

import numpy as np
import pandas as pd

from tests.simulated import simulated

SHARES, CODES = (0.25, 0.1, 0.05), (30, 60, 120)
MODELS = {"B": "misses half", "A": "invents a quarter"}
RESAMPLES = 500
PAIRS = 40


def estimates(share: float, codes: int, samples: int, seed: int) -> pd.DataFrame:
    """Corrected estimates of `samples` groups of either kind, with `codes` coded passages in each on average."""
    rng = np.random.default_rng(seed)
    tables = []
    for number in range(math.ceil(samples / PAIRS)):
        corpus = simulated(rng, share=share, pairs=PAIRS)
        tables.append(corpus(corpus.coded(2 * PAIRS * codes, seed=[seed, number]), resamples=RESAMPLES))
    return pd.concat(tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=400, help="of either kind, in each line")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--estimator", choices=["corrected", "human"], default="corrected")
    args = parser.parse_args()
    print(
        "| model | share of the frame | codes of a group | samples | holds | lies below | lies above | none | median width |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for share in SHARES:
        for codes in CODES:
            table = estimates(share, codes, args.samples, args.seed)
            for kind, model in MODELS.items():
                part = table[table["outlet"].str.startswith(kind)]
                low, high = (part[f"{args.estimator}_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
                known = ~np.isnan(low)
                below, above = ((high < share)[known].mean(), (low > share)[known].mean())
                print(
                    f"| {model} | {share:.0%} | {codes} | {len(part)} | {1 - below - above:.1%} | {below:.1%} | {above:.1%} | {1 - known.mean():.1%} "
                    f"| {np.median((high - low)[known]):.3f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
