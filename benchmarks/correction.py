"""How often a 95% interval of a corrected estimate holds the truth: by how frequent the frame is and how many passages of a group are coded.

    python -m benchmarks.correction [--corpora 200]

Simulated groups of 25 articles with 12 passages each and a model that misses half of what is there, coded as `framing draw` draws. Printed are the
shares of the intervals that hold the true share of the frame, that lie below it, and that do not exist because all codes are alike.
"""

import argparse

import numpy as np

from tests.simulated import simulated

SHARES, CODES = (0.25, 0.1, 0.05), (30, 60, 90)
RESAMPLES = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=int, default=200)
    args = parser.parse_args()
    print("| share of the frame | codes of the group | holds | lies below | none |\n|---|---|---|---|---|")
    for share in SHARES:
        for codes in CODES:
            rng = np.random.default_rng(1)
            rows = []
            for seed in range(args.corpora):
                corpus = simulated(rng, share=share)
                table = corpus(corpus.coded(2 * codes, seed=seed), resamples=RESAMPLES).set_index("outlet")
                rows.append(table.loc["B", ["corrected_low", "corrected_high"]].to_numpy(dtype=float))
            low, high = np.array(rows).T
            known = ~np.isnan(low)
            holds, below = (((low <= share) & (share <= high))[known].mean(), (high < share)[known].mean())
            print(f"| {share:.0%} | {codes} | {holds:.0%} | {below:.0%} | {1 - known.mean():.0%} |", flush=True)


if __name__ == "__main__":
    main()
