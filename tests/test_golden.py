"""Golden tables: every number of the small corpus, so that a change that moves one is seen.

`make golden` (or --write-golden) writes them anew; look at the difference before you commit it.
"""

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import framing

GOLDEN = Path(__file__).with_name("golden")


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """As a CSV holds it: lists as words, floats with all their digits, no number taken for a text nor a text for missing."""
    lists = {c: table[c].map(" ".join) for c in ("passages_for", "passages_against") if c in table}
    floats = table.select_dtypes("float").astype("float64")
    return table.assign(**lists, **{c: floats[c] for c in floats})


@pytest.mark.parametrize("name", ["articles", "outlets"])
def test_the_numbers_of_the_small_corpus_are_the_golden_ones(
    name: str, analysis: framing.Analysis, pytestconfig: pytest.Config
) -> None:
    found = plain(getattr(analysis, name))
    path = GOLDEN / f"{name}.csv"
    if pytestconfig.getoption("write_golden"):
        GOLDEN.mkdir(exist_ok=True)
        found.to_csv(path, index=False, lineterminator="\n")
    texts = {c: "str" for c in found if found[c].dtype not in ("float64", "int64")}
    golden = pd.read_csv(path, dtype=texts | {c: found[c].dtype for c in found if c not in texts}, keep_default_na=False, na_values={
        c: [""] for c in found if c not in texts
    })  # fmt: skip
    assert_frame_equal(found.astype(texts), golden, check_exact=False, rtol=0, atol=1e-9)
