"""Fit the curves that make probabilities of the bundled model's scores, and freeze them with it.

    python -m training.calibrate [--folder src/framing/entailment/bundled]

For each side of a question (frame, favor, against) one logistic curve (Platt 1999) is fitted to the mean over the hypotheses of a frame, or
of one side of the stance, on the sentences of the development issues under the general codebook, as framing.measures makes that mean. It is
written into config.json and judged on the test issues: expected calibration error (ECE, ten bins of equal width; Naeini et al. 2015) before
and after, kept in training/calibration.csv, a reliability diagram beside the model, and what is found at the threshold of 0.5 by each frame and
side, in training/decisions.csv. A monotone curve of two parameters moves no AUC of
a frame and makes no ties, as isotonic steps would. Not each hypothesis has a curve: a mean of calibrated probabilities is too close to the
middle (Ranjan and Gneiting 2010).
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

import framing
from framing import Codebook
from framing.codebook import STANCE
from framing.entailment import EntailmentModel, Platt
from training.card import CALIBRATION, DECISIONS, calibration_table, decisions_table
from training.own_pairs import part, read_sentences
from training.shared import BUNDLED, CODEBOOKS, SENTENCES, THRESHOLD, wordings_of, write_sums

BINS = 10
DIAGRAM = "reliability.png"


class Asked(NamedTuple):
    """Means of sentences over the hypotheses of a frame or of a side, float (n,), and whether each carries it, int (n,)."""

    p: np.ndarray
    truth: np.ndarray


def ask(model: EntailmentModel, sentences: list[dict[str, Any]], codebook: Codebook) -> dict[str, dict[str, Asked]]:
    """Every sentence under the hypotheses of the frames that its issue has, and of its own target's stance; by side and construct."""
    frames = {}
    for frame in codebook.frames:
        # A study asks for the frames that its issue has, and a probability depends on how common a frame is.
        present = {sentence["issue"] for sentence in sentences if frame.key in sentence["frames"]}
        some = [sentence for sentence in sentences if sentence["issue"] in present]
        p = model.entail_table([sentence["text"] for sentence in some], frame.hypotheses)
        frames[frame.key] = Asked(_mean(p), np.array([int(frame.key in sentence["frames"]) for sentence in some]))
    asked = {"frame": frames}
    texts = [sentence["text"] for sentence in sentences]
    favor, against = wordings_of(codebook)
    every = (*favor, *against)
    hypotheses = [wording.format(target=s["target"]) for s in sentences for wording in every]
    p = model.entail([text for text in texts for _ in every], hypotheses).reshape(len(texts), len(every))
    for side, sign, of_side in (("favor", 1, p[:, : len(favor)]), ("against", -1, p[:, len(favor) :])):
        asked[side] = {STANCE: Asked(_mean(of_side), np.array([int(s["stance"] == sign) for s in sentences]))}
    return asked


def together(asked: dict[str, Asked]) -> Asked:
    """What was asked of several constructs, as one."""
    return Asked(*map(np.concatenate, zip(*asked.values(), strict=True)))


def _mean(p: np.ndarray) -> np.ndarray:
    return p.astype(float).mean(axis=1)


def fit(asked: Asked) -> Platt:
    """The logistic curve on the logit of the mean, its two numbers rounded as they are stored."""
    p = np.clip(asked.p, 1e-7, 1 - 1e-7)
    fitted = LogisticRegression(C=1e6).fit(np.log(p / (1 - p))[:, None], asked.truth)
    return Platt(round(float(fitted.coef_[0, 0]), 4), round(float(fitted.intercept_[0]), 4))


def reliability(asked: Asked) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each bin that holds any: mean probability, share that holds, number; float, float and int arrays."""
    bins = np.minimum((asked.p * BINS).astype(int), BINS - 1)
    n = np.bincount(bins, minlength=BINS)
    held = n > 0
    mean = np.bincount(bins, asked.p, BINS)[held] / n[held]
    return mean, np.bincount(bins, asked.truth, BINS)[held] / n[held], n[held]


def ece(asked: Asked) -> float:
    """Expected calibration error: mean distance of probability and share over the bins, weighted by their numbers; in [0, 1]."""
    mean, share, n = reliability(asked)
    return float(np.sum(n * np.abs(mean - share)) / n.sum())


def decisions(asked: dict[str, dict[str, Asked]]) -> pd.DataFrame:
    """What calibrated values decide at the threshold: one row for each side and construct, with the sentences that were `asked`, carry it (`carried`)
    and reach the threshold (`found`), the `precision` and the `recall`, missing where nothing is found or carried."""
    rows = []
    for side, parts in asked.items():
        for construct, (p, truth) in parts.items():
            found = p >= THRESHOLD
            right = int(truth[found].sum())
            carried = int(truth.sum())
            shares = (right / n if n else np.nan for n in (found.sum(), carried))
            rows.append((side, construct, len(p), carried, int(found.sum()), *shares))
    return pd.DataFrame(rows, columns=["side", "construct", "asked", "carried", "found", "precision", "recall"]).round(
        4
    )


def draw(before: dict[str, Asked], after: dict[str, Asked], path: Path) -> None:
    """The reliability diagram of each side, before and after."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    for axes, side in zip(figure.subplots(1, len(before), sharey=True), before, strict=True):
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle=":")
        for label, asked, colour, marker in (
            ("as averaged", before[side], "#D55E00", "o"),
            ("calibrated", after[side], "#0072B2", "s"),
        ):
            mean, share, _ = reliability(asked)
            axes.plot(mean, share, color=colour, marker=marker, markersize=4, label=f"{label}, ECE {ece(asked):.3f}")
        axes.set(
            title=f"{side} (n = {len(before[side].p):,})", xlabel="mean probability given", xlim=(0, 1), ylim=(0, 1)
        )
        axes.legend(frameon=False, loc="upper left", fontsize=8)
    figure.axes[0].set_ylabel("share that is so coded")
    figure.savefig(path, dpi=150, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=BUNDLED)
    args = parser.parse_args()
    coded = read_sentences(SENTENCES)
    codebook = Codebook.load(CODEBOOKS / "policy-frames.yaml")
    model = framing.load_model("bundled" if args.folder == BUNDLED else str(args.folder))
    development, test = (
        ask(model, [s for s in coded if part(s) == name], codebook) for name in ("development", "test")
    )
    curves = {side: fit(together(asked)) for side, asked in development.items()}
    calibrated = {
        side: {name: Asked(curves[side](each.p), each.truth) for name, each in asked.items()}
        for side, asked in test.items()
    }
    before, after = ({side: together(asked) for side, asked in some.items()} for some in (test, calibrated))

    path = args.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["framing"]["calibration"] = {side: asdict(curve) for side, curve in curves.items()}
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    write_sums(args.folder)
    draw(before, after, args.folder / DIAGRAM)
    results = pd.DataFrame(
        {
            "side": side,
            "n_development": len(together(development[side]).p),
            "n_test": len(before[side].p),
            "carried_test": int(before[side].truth.sum()),
            "slope": curve.slope,
            "intercept": curve.intercept,
            "ece_before": round(ece(before[side]), 4),
            "ece_after": round(ece(after[side]), 4),
        }
        for side, curve in curves.items()
    )
    results.to_csv(CALIBRATION, index=False, lineterminator="\n")
    found = decisions(calibrated)
    found.to_csv(DECISIONS, index=False, lineterminator="\n")
    print(calibration_table(results), decisions_table(found), sep="\n\n")


if __name__ == "__main__":
    main()
