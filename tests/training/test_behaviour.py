"""The table of behaviour: what is changed in a text, which decisions are counted, and how sure a share is."""

import numpy as np
import pytest

from framing import Codebook
from framing.entailment import Platt
from training.behaviour import Judge, changed_questions, changes, masked, result, signed, swapped, traps

CODEBOOK = """
name: fire
target: the fire brigade
frames:
  danger:
    label: Danger
    definition: Something may burn.
    hypotheses: ["It burns here now.", "There is a fire."]
  show:
    label: Show
    definition: Somebody shows off.
    hypotheses: ["It is vanity.", "Somebody shows off."]
axis: [danger, show]
stance:
  favor: ["The author supports {target}."]
  against: ["The author opposes {target}."]
"""
WORDS = {"burns": "fire", "a fire": "fire", "vanity": "vain", "shows off": "vain", "supports": "good", "opposes": "bad"}


class Reader:
    """Finds the word that a hypothesis stands for; a hypothesis that is denied has the other answer."""

    calibration = dict.fromkeys(("frame", "favor", "against"), Platt(1.0, 0.0))

    def entail(self, premises, hypotheses):
        found = []
        for premise, hypothesis in zip(premises, hypotheses, strict=True):
            word = next((word for key, word in WORDS.items() if key in hypothesis), "no word")
            if word in ("good", "bad") and "brigade" not in hypothesis:
                word = "no word"
            found.append(0.95 if (word in premise) != ("not true" in hypothesis) else 0.05)
        return np.array(found, dtype=np.float32)


@pytest.fixture
def judge(tmp_path):
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    return Judge(Reader(), Codebook.load(tmp_path / "codebook.yaml"))


def row(text, *frames, stance=0, traps=()):
    return {"text": text, "frames": frames, "stance": stance, "target": "the fire brigade", "traps": traps}


def test_a_share_has_wilsons_interval():
    # 7 of 10: Wilson's interval is 0.397 to 0.892 (Brown, Cai and DasGupta 2001 give its formula).
    found = result("test", "what", np.array([True] * 7 + [False] * 3))
    assert (found.n, found.share) == (10, 0.7)
    assert (found.low, found.high) == pytest.approx((0.3968, 0.8922), abs=1e-4)
    nothing = result("test", "what", np.array([], dtype=bool))
    assert nothing.n == 0
    assert np.isnan(nothing.share)


def test_countries_are_swapped_and_masked_as_whole_words():
    assert swapped("China and Chinese apps, not Chinatown") == "Russia and Russian apps, not Chinatown"
    assert masked("China and Chinese apps, not Chinatown") == "that country and foreign apps, not Chinatown"
    assert swapped("No name.") == masked("No name.") == "No name."
    assert signed("The Post")("It rains.") == "The Post reports: It rains."


def test_texts_that_a_change_leaves_as_they_are_do_not_count():
    rows = [row("“Stop,” said China."), row("It rains.")]
    found = {test: (before, after) for test, before, after, _, _ in changes(rows, {"It rains.": "Rain falls."})}
    assert found["country swapped for another"] == (["“Stop,” said China."], ["“Stop,” said Russia."])
    assert found["quotation marks removed"] == (["“Stop,” said China."], ["Stop, said China."])
    assert found["paraphrased by hand"] == (["It rains."], ["Rain falls."])
    before, after = found["outlet swapped for another"]
    assert len(before) == len(after) == 2
    assert all(
        a != b and a.endswith(r["text"]) and b.endswith(r["text"]) for a, b, r in zip(before, after, rows, strict=True)
    )


def test_decisions_are_those_of_a_study(judge):
    texts = ["There is fire.", "How vain.", "Nothing."]
    assert judge.frames(texts).tolist() == [[True, False], [False, True], [False, False]]
    own = ["the fire brigade"] * 3
    assert judge.sides(["good", "bad", "good and bad"], own).tolist() == [1, -1, 0]
    assert judge.sides(["good"], ["the choir"]).tolist() == [0]


def test_questions_are_denied_exchanged_and_put_to_something_else(judge):
    rows = [row("fire, good", "danger", stance=1), row("vain, bad", "show", stance=-1), row("rain")]
    found = {(r.test, r.what): (r.n, r.share) for r in changed_questions(judge, rows)}
    assert found["negation", "frames found that are also found under the negated hypotheses"] == (2, 0.0)
    assert found["hypothesis paraphrased", "frame decisions that differ between its first two wordings"] == (6, 0.0)
    assert found["swapped labels", "carried frame above an absent one"] == (2, 1.0)
    assert found["swapped labels", "texts for their target on that side of 0"] == (1, 1.0)
    assert found["swapped labels", "texts against their target on that side of 0"] == (1, 1.0)
    assert found["placebo target", "stances found towards the own target"] == (3, pytest.approx(2 / 3))
    others = [share for (test, what), share in found.items() if test == "placebo target" and "own" not in what]
    assert others == [(3, 0.0), (3, 0.0)]


def test_traps_are_counted_by_name_and_together(judge):
    rows = [
        row("There is no fire.", traps=["denial"]),  # the word is there and the frame is not
        row("How vain.", "show", traps=["scare_quotes"]),
        row("good", stance=1),
    ]
    found = {(r.test, r.what): (r.n, r.share) for r in traps(judge, rows)}
    assert found["trap: denial", "danger as coded"] == (1, 0.0)
    assert found["trap: denial", "show as coded"] == (1, 1.0)
    assert found["trap: scare_quotes", "show as coded"] == (1, 1.0)
    assert found["trap: all", "danger as coded"] == (3, pytest.approx(2 / 3))
    assert found["trap: all", "stance as coded"] == (3, 1.0)
    commonest = {(r.test, r.what): r.commonest for r in traps(judge, rows)}
    assert commonest["trap: all", "stance as coded"] == pytest.approx(2 / 3)
    assert commonest["trap: scare_quotes", "show as coded"] == 1.0
