"""Arguments with a position on a claim -> what they are asked about."""

import gzip
import json
import re
from random import Random

import pytest

from training.public_pairs import positions
from training.wordings import AGAINST, FAVOR

CLAIMS = {
    "We should ban loud motorcycles": (r"motorcycles", -1),
    "Governments must subsidise night trains": (r"trains", 1),
    "Public fireworks should be abolished.": (r"fireworks", -1),
    "Poetry is better than prose": (r"Poetry", 0),  # has no thing of its own
}


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"text": f"{side} {claim}", "target": claim, "label": side} for claim in CLAIMS for side in ("favor", "against")
    ]
    for name in ("ibm30k_stance", "perspectrum"):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def asked(pair):
    """The side and the target that a hypothesis asks for."""
    for side, wordings in ((1, FAVOR), (-1, AGAINST)):
        for wording in wordings:
            before, after = wording.split("{t}")
            if match := re.fullmatch(re.escape(before) + "(.+)" + re.escape(after), pair.hypothesis):
                return side, match[1]
    raise AssertionError(pair.hypothesis)


@pytest.mark.parametrize("seed", range(8))
def test_a_measure_and_the_thing_that_it_limits_are_answered_in_opposite_ways(folder, seed):
    seen = set()
    for pair in positions(folder, 1.0, Random(seed)):
        position, claim = pair.premise.split(" ", 1)
        side, target = asked(pair)
        thing, sign = CLAIMS[claim]
        if not re.search(thing, target):
            assert pair.entailed == 0  # another claim
            seen.add("other")
            continue
        agrees = 1 if position == "favor" else -1
        is_thing = sign and not re.match(
            r"a ban|banning|the prohibition|restrictions|public money|subsidies|abolishing|the abolition|doing", target
        )
        seen.add("thing" if is_thing else "measure")
        assert pair.entailed == int(side == (sign if is_thing else 1) * agrees), (pair, target)
    assert seen == {"other", "thing", "measure"}


def test_a_share_of_the_arguments_is_asked(folder):
    some = {pair.premise for pair in positions(folder, 0.5, Random(1)) if pair.source == "perspectrum"}
    assert len(some) == len(CLAIMS)
    assert positions(folder, 0.5, Random(1)) == positions(folder, 0.5, Random(1))
