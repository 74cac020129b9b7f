"""What is published of the bundled model is what was measured: the card against the files of figures, and these against what was asked."""

import json
import re

import pandas as pd
import pytest

from training.card import BEHAVIOUR, CALIBRATION, CARD, EVALUATION, TABLES, filled
from training.own_pairs import part, read_sentences
from training.shared import BUNDLED, SENTENCES

LOSS = 0.005  # of AUC, at most, by int8 weights on a set of over LARGE rows
LARGE = 1_000
BYTES = 30_000_000


@pytest.fixture(scope="module")
def evaluation():
    return pd.read_csv(EVALUATION)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_the_tables_of_the_texts_are_those_of_the_files(path):
    text = path.read_text(encoding="utf-8")
    assert filled(text, TABLES[path]) == text


def test_a_text_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place for the table 'evaluation'"):
        filled("# Model card\n", TABLES[CARD])


def test_the_curves_of_the_card_are_those_that_ship():
    frozen = json.loads((BUNDLED / "config.json").read_text(encoding="utf-8"))["framing"]["calibration"]
    table = pd.read_csv(CALIBRATION).set_index("side")[["slope", "intercept"]]
    assert table.to_dict("index") == frozen


def test_int8_costs_little_on_every_large_set(evaluation):
    areas = evaluation[(evaluation["measure"] == "AUC") & (evaluation["n"] > LARGE)]
    wide = areas.pivot(index=["data", "construct"], columns="method", values="value")
    lost = wide["before int8"] - wide["bundled model"]
    assert len(lost) >= 20
    assert lost.notna().all()
    assert lost.max() <= LOSS, lost.idxmax()


def test_everything_that_the_model_needs_is_small():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir() if path.is_file()) <= BYTES


def test_the_figures_are_of_all_sentences_held_out_today(evaluation):
    rows = read_sentences(SENTENCES)
    held_out = {name: sum(part(row) == name for row in rows) for name in ("test", "development")}
    sided = sum(part(row) == "test" and row["stance"] != 0 for row in rows)
    assert set(evaluation.loc[evaluation["data"] == "test issues", "n"]) == {held_out["test"], sided}
    curves = pd.read_csv(CALIBRATION).set_index("side")
    assert curves.loc["favor", ["n_development", "n_test"]].tolist() == [held_out["development"], held_out["test"]]
    behaviour = pd.read_csv(BEHAVIOUR)
    assert behaviour.loc[behaviour["test"] == "placebo target", "n"].eq(held_out["test"]).all()
    assert behaviour.loc[behaviour["test"] == "trap: all", "n"].eq(sum(held_out.values())).all()


def test_the_bars_that_the_card_calls_missed_are_those_that_are(evaluation):
    """Who reads "not reached" can check it: every bar of 0.85 on the test issues and of MNLI, by the file of figures."""
    ours = evaluation[evaluation["method"] == "bundled model"].set_index(["data", "construct", "measure"])["value"]
    asked = ours.xs("AUC", level="measure").loc["test issues"].drop("for rather than against")
    missed = set(asked.index[asked < 0.85])
    assert missed <= {
        "stance for",
        "stance against",
        "for, hypotheses in favor alone",
        "against, hypotheses against alone",
    }
    assert ours["MNLI matched dev", "entailment", "accuracy (2 classes)"] >= 0.80
    told = re.search(r"Not reached of what the project asked.*?\n\n", CARD.read_text(encoding="utf-8"), re.DOTALL)
    assert told
    assert bool(missed) == ("stance" in told[0])
