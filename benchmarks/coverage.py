"""How often a 95% interval of a group's mean holds the true mean: the expanded percentile interval beside the plain one, in one run.

    python -m benchmarks.coverage [--groups 1000]

Scores of articles are drawn from a normal and from a skewed distribution (beta with 1 and 8), and as shares: the part of 20 passages that carry
a frame, which an article in five tells at length and the others hardly touch, so that most shares are 0. Then from stories: articles of one story
are alike (intraclass correlation 0.5), three a story. They are drawn by story, as they are from five known stories on, and as if they
were independent, as they are below. A group without an interval, because all of its articles are alike, is not counted among those that hold
the mean; how many have none is printed.
"""

import argparse
from collections.abc import Callable

import numpy as np

from framing.bootstrap import mean_interval

SIZES = (5, 6, 8, 10, 20, 40)
STORIES = (5, 6, 8, 10, 20)
RESAMPLES = 2000
PASSAGES, OF_STORY = 20, 3

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def shares(rng: np.random.Generator, n: int) -> np.ndarray:
    chance = np.where(rng.random(n) < 0.2, 0.3, 0.01)
    return rng.binomial(PASSAGES, chance) / PASSAGES


def alone(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    """Articles that are drawn one by one."""
    return lambda rng, n: (draw(rng, n), np.arange(n))


def in_stories(by_story: bool) -> Draw:
    """Articles of n stories, drawn by story or as if they were independent."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        values = np.repeat(rng.normal(size=n), OF_STORY) + rng.normal(size=n * OF_STORY)
        return values, np.repeat(np.arange(n), OF_STORY) if by_story else np.arange(n * OF_STORY)

    return draw


CASES = (
    ("normal", alone(lambda rng, n: rng.normal(size=n)), 0.0, SIZES),
    ("skewed", alone(lambda rng, n: rng.beta(1, 8, size=n)), 1 / 9, SIZES),
    ("shares, most of them 0", alone(shares), 0.2 * 0.3 + 0.8 * 0.01, SIZES),
    ("three a story, drawn by story", in_stories(by_story=True), 0.0, STORIES),
    ("three a story, drawn as independent", in_stories(by_story=False), 0.0, STORIES),
)


def covered(draw: Draw, true: float, n: int, groups: int) -> tuple[float, float, float]:
    """Of the groups that have an interval, the shares whose expanded and whose plain one hold the true mean; the share that has none."""
    held, none = np.zeros(2), 0
    for seed in range(groups):
        values, labels = draw(np.random.default_rng([1, seed]), n)
        low, high = mean_interval(values[:, None], labels.astype(object), RESAMPLES, np.random.default_rng(seed))
        if np.isnan(low[0]):
            none += 1
            continue
        drawn = np.random.default_rng(seed).integers(labels.max() + 1, size=(RESAMPLES, labels.max() + 1))
        means = values.reshape(labels.max() + 1, -1).mean(axis=1)  # clusters of one case are equally large
        plain = np.quantile(means[drawn].mean(axis=1), [0.025, 0.975])
        held += low[0] <= true <= high[0], plain[0] <= true <= plain[1]
    return *(held / (groups - none)), none / groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=1000)
    args = parser.parse_args()
    print("| scores | articles or stories | expanded | plain | no interval |\n|---|---|---|---|---|")
    for name, draw, true, sizes in CASES:
        for n in sizes:
            expanded, plain, none = covered(draw, true, n, args.groups)
            print(f"| {name} | {n} | {expanded:.3f} | {plain:.3f} | {none:.3f} |", flush=True)


if __name__ == "__main__":
    main()
