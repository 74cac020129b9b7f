"""How far the second coding agrees with the first.

    python -m training.agreement

prints, for each frame, stance and voice, how often each coder gave it, the share of equal codes, and Cohen's kappa (Cohen 1960) with
its 95% bootstrap interval over sentences. The second coder saw the rules, the sentences and their targets, and no codes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score

from training.own_pairs import read_sentences, read_sentences_file
from training.wordings import FRAMES

DATA = Path(__file__).parent / "data"
RESAMPLES = 2_000


def kappa(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Cohen's kappa of two codings of the same units with its 95% percentile bootstrap interval.

    Where both gave all units one and the same code kappa is undefined: such resamples are left out, and of such codings all three
    figures are missing (NaN).
    """
    if len(set(first) | set(second)) < 2:
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(first), len(first))
        if len(set(first[rows]) | set(second[rows])) > 1:
            draws.append(cohen_kappa_score(first[rows], second[rows]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(cohen_kappa_score(first, second)), float(low), float(high)


def rows() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each construct with the two codings of the sentences that were coded twice."""
    first = {sentence["text"]: sentence for sentence in read_sentences(DATA / "framing-entailment")}
    twice = [(first[again["text"]], again) for again in read_sentences_file(DATA / "second-coding.jsonl")]

    def codes(of: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.array([of(a) for a, _ in twice]), np.array([of(b) for _, b in twice])

    for frame in FRAMES:
        yield frame, *codes(lambda sentence, frame=frame: int(frame in sentence["frames"]))
    yield "stance", *codes(lambda sentence: sentence["stance"])
    yield "voice", *codes(lambda sentence: int(sentence["voice"] == "quoted"))


def main() -> None:
    print("| construct | n | first | second | equal | kappa |\n|---|---|---|---|---|---|")
    for name, first, second in rows():
        value, low, high = kappa(first, second)
        given = f"{np.count_nonzero(first)} | {np.count_nonzero(second)}"
        print(
            f"| {name} | {len(first)} | {given} | {(first == second).mean():.2f} | {value:.2f} [{low:.2f}, {high:.2f}] |"
        )


if __name__ == "__main__":
    main()
