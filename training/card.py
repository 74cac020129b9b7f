"""The tables of the model card and of training's README, from the files in which the other scripts keep their figures.

    python -m training.card

writes them between the comments that name them; a test holds the texts to the files.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from training.shared import BUNDLED

DIFFERENCE = "AUC, minus that of the bundled model"  # a measure of the evaluation
TRAP = "trap: "  # how the name of a test begins that is one of the traps
FOLDER = Path(__file__).parent
CARD, README = BUNDLED / "MODEL_CARD.md", FOLDER / "README.md"
EVALUATION, BEHAVIOUR, CALIBRATION, DECISIONS, COMPARISON = (
    FOLDER / f"{name}.csv" for name in ("evaluation", "behaviour", "calibration", "decisions", "comparison")
)


def evaluation_table(results: pd.DataFrame) -> str:
    """One line per construct and measure, one column per method; the weights before int8 hardly differ and are left to the file."""
    results = results[(results["measure"] != DIFFERENCE) & (results["method"] != "before int8")]
    cell = [f"{r.value:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in results.itertuples()]
    keys = ["data", "construct", "measure", "n", "n_positive"]
    wide = results[[*keys, "method"]].assign(cell=cell).pivot_table(
        index=keys, columns="method", values="cell", aggfunc="first", sort=False
    )  # fmt: skip
    return _table([*keys, *wide.columns], [[*map(str, key), *row.fillna("-")] for key, row in wide.iterrows()])


def shape_table(results: pd.DataFrame) -> str:
    """One line per set of over 1,000 rows and construct: the AUC of the shape that ships, and how far the bi-encoder's is from it."""
    large = results[results["n"] > 1_000].set_index(["data", "construct", "n"])
    ours = large.loc[(large["method"] == "bundled model") & (large["measure"] == "AUC"), "value"]
    theirs = large[(large["method"] == "bi-encoder") & (large["measure"] == DIFFERENCE)]
    rows = [
        [data, construct, f"{n:,}", f"{ours[data, construct, n]:.3f}", f"{r.value:+.3f} [{r.low:+.3f}, {r.high:+.3f}]".replace("-", "−")]
        for (data, construct, n), r in theirs.iterrows()
    ]  # fmt: skip
    return _table(["data", "construct", "n", "ships", "bi-encoder, minus that"], rows)


def behaviour_table(results: pd.DataFrame) -> str:
    """One line per test but the traps."""
    rows = [
        [r.test, r.what, f"{r.n:,}", f"{r.share:.3f} [{r.low:.3f}, {r.high:.3f}]"]
        for r in results[~results["test"].str.startswith(TRAP)].itertuples()
    ]
    return _table(["test", "what", "n", "share"], rows)


def traps_table(results: pd.DataFrame) -> str:
    """One line per trap; beside each share what it would be if each text had the commonest code."""
    some = results[results["test"].str.startswith(TRAP)]
    header = list(dict.fromkeys(some["what"]))
    rows = []
    for test, part in some.groupby("test", sort=False):
        cells = part.set_index("what").loc[header]
        shares = [f"{r.share:.2f} [{r.low:.2f}, {r.high:.2f}]; {r.commonest:.2f}" for r in cells.itertuples()]
        rows.append([str(test).removeprefix(TRAP), f"{part['n'].iloc[0]:,}", *shares])
    return _table(["trap", "n", *header], rows)


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


def decisions_table(results: pd.DataFrame) -> str:
    """One line per frame and side of the stance."""
    rows = [
        [r.construct if r.side == "frame" else f"{r.construct}, {r.side}", f"{r.asked:,}", f"{r.carried:,}", f"{r.found:,}",
         *("–" if share != share else f"{share:.2f}" for share in (r.precision, r.recall))]
        for r in results.itertuples()
    ]  # fmt: skip
    return _table(["what", "n", "carried", "found", "precision", "recall"], rows)


def comparison_table(results: pd.DataFrame) -> str:
    """One line per way of training, one column per set: the AUC, and how far it is from the first way's."""
    rows = []
    for way, part in results.groupby("way", sort=False):
        cells = [
            f"{r.auc:.3f}"
            if way == results["way"].iloc[0]
            else f"{r.auc:.3f}; {r.difference:+.3f} [{r.low:+.3f}, {r.high:+.3f}]"
            for r in part.itertuples()
        ]
        seeds = part["seeds"].iloc[0]
        rows.append([str(way), str(seeds), *(cell.replace("-", "−") for cell in cells)])
    return _table(
        [
            "way",
            "seeds",
            *(f"{name} (n = {n:,})" for name, n in dict(zip(results["set"], results["n"], strict=True)).items()),
        ],
        rows,
    )


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


Tables = dict[str, tuple[Path, Callable[[pd.DataFrame], str]]]
OF_CARD: Tables = {
    "evaluation": (EVALUATION, evaluation_table),
    "calibration": (CALIBRATION, calibration_table),
    "decisions": (DECISIONS, decisions_table),
    "behaviour": (BEHAVIOUR, behaviour_table),
    "traps": (BEHAVIOUR, traps_table),
}
OF_README: Tables = {"comparison": (COMPARISON, comparison_table), "shape": (EVALUATION, shape_table)}
TABLES: dict[Path, Tables] = {CARD: OF_CARD, README: OF_README}


def filled(text: str, tables: Tables) -> str:
    """The text with its tables made anew.

    Raises
    ------
    ValueError
        If it has no place for a table.
    """
    for name, (path, table) in tables.items():
        place = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"there is no place for the table {name!r}: <!-- {name} --> and <!-- /{name} -->")
        made = table(pd.read_csv(path)) + "\n"
        text = place.sub(lambda _, made=made: made, text)
    return text


def fill(path: Path) -> None:
    """Write a text with its tables made anew."""
    path.write_text(filled(path.read_text(encoding="utf-8"), TABLES[path]), encoding="utf-8")


def main() -> None:
    for path in TABLES:
        fill(path)


if __name__ == "__main__":
    main()
