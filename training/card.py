"""The tables of the model card, from the files in which training.evaluate, training.behaviour and training.calibrate keep their figures.

    python -m training.card

writes them into the card, between the comments that name them; a test holds the card to the files.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from training.shared import BUNDLED

CARD = BUNDLED / "MODEL_CARD.md"
FOLDER = Path(__file__).parent
EVALUATION, BEHAVIOUR, CALIBRATION = (FOLDER / f"{name}.csv" for name in ("evaluation", "behaviour", "calibration"))


def evaluation_table(results: pd.DataFrame) -> str:
    """One line per construct and measure, one column per method."""
    cell = [f"{r.value:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in results.itertuples()]
    keys = ["data", "construct", "measure", "n", "n_positive"]
    wide = results[[*keys, "method"]].assign(cell=cell).pivot_table(
        index=keys, columns="method", values="cell", aggfunc="first", sort=False
    )  # fmt: skip
    return _table([*keys, *wide.columns], [[*map(str, key), *row.fillna("-")] for key, row in wide.iterrows()])


def behaviour_table(results: pd.DataFrame) -> str:
    """One line per test."""
    rows = [[r.test, r.what, f"{r.n:,}", f"{r.share:.3f} [{r.low:.3f}, {r.high:.3f}]"] for r in results.itertuples()]
    return _table(["test", "what", "n", "share"], rows)


def calibration_table(results: pd.DataFrame) -> str:
    """One line per side of a question."""
    rows = [
        [
            r.side, f"{r.n_development:,}", f"{r.n_test:,}", f"{r.carried_test:,}", f"{r.slope:.2f}", f"{r.intercept:.2f}",
            f"{r.ece_before:.3f}", f"{r.ece_after:.3f}",
        ]
        for r in results.itertuples()
    ]  # fmt: skip
    header = ["side", "n, development", "n, test", "carried, test", "slope", "intercept", "ECE before", "ECE after"]
    return _table(header, rows)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES: dict[str, tuple[Path, Callable[[pd.DataFrame], str]]] = {
    "evaluation": (EVALUATION, evaluation_table),
    "calibration": (CALIBRATION, calibration_table),
    "behaviour": (BEHAVIOUR, behaviour_table),
}


def filled(card: str) -> str:
    """The card with its tables made anew.

    Raises
    ------
    ValueError
        If the card has no place for a table.
    """
    for name, (path, table) in TABLES.items():
        place = re.compile(f"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)", re.DOTALL)
        if not place.search(card):
            raise ValueError(f"the card has no place for the table {name!r}: <!-- {name} --> and <!-- /{name} -->")
        text = table(pd.read_csv(path))
        card = place.sub(lambda _, text=text: text, card)
    return card


def main() -> None:
    CARD.write_text(filled(CARD.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
