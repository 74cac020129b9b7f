"""Coder against coder: kappa on tables whose value is known, and the pairing of two files by their texts."""

import json
import math

import numpy as np
import pytest

from training import agreement
from training.agreement import kappa, rows


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(agreement, "RESAMPLES", 300)


def codings(*cells):
    """Two codings of the same units, given as (first, second, number of units)."""
    first, second, n = (np.array(column) for column in zip(*cells, strict=True))
    return np.repeat(first, n), np.repeat(second, n)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Cohen's example in most textbooks: 0.7 of the units agree, 0.5 would by chance.
        ([(1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15)], 0.4),
        ([(1, 1, 10), (0, 0, 10)], 1.0),
        ([(1, 0, 10), (0, 1, 10)], -1.0),
        ([(1, 1, 25), (1, 0, 25), (0, 1, 25), (0, 0, 25)], 0.0),
        ([(1, 1, 2), (0, 0, 2), (-1, -1, 2), (1, -1, 3)], 10 / 19),
    ],
)
def test_kappa_is_agreement_beyond_chance(cells, expected):
    assert kappa(*codings(*cells))[0] == pytest.approx(expected)


def test_the_interval_holds_the_value_and_narrows_with_the_units():
    cells = [(1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15)]
    value, low, high = kappa(*codings(*cells))
    assert low < value < high
    _, low_of_more, high_of_more = kappa(*codings(*((a, b, 16 * n) for a, b, n in cells)))
    assert high_of_more - low_of_more == pytest.approx((high - low) / 4, rel=0.2)


def test_the_interval_is_the_same_again():
    given = codings((1, 1, 5), (0, 1, 3), (0, 0, 9))
    assert kappa(*given) == kappa(*given)


def test_kappa_of_coders_who_gave_one_code_only_is_missing():
    assert all(math.isnan(figure) for figure in kappa(*codings((0, 0, 12))))


def test_resamples_with_one_code_only_are_left_out():
    value, low, high = kappa(*codings((1, 1, 1), (0, 0, 30)))
    assert (value, low, high) == (1, 1, 1)


@pytest.fixture
def twice(tmp_path, monkeypatch):
    first = [
        {"text": "a", "issue": "i", "target": "t", "frames": ["security"], "stance": 1, "voice": "outlet"},
        {"text": "b", "issue": "i", "target": "t", "frames": [], "stance": 0, "voice": "quoted"},
        {"text": "c", "issue": "i", "target": "t", "frames": ["legal", "health"], "stance": -1, "voice": "quoted"},
    ]
    second = [
        {"text": "c", "frames": ["legal"], "stance": -1, "voice": "outlet"},
        {"text": "a", "frames": ["security"], "stance": 0, "voice": "outlet"},
    ]
    (tmp_path / "framing-entailment").mkdir()
    for path, rows_of in (
        (tmp_path / "framing-entailment" / "a.jsonl", first),
        (tmp_path / "second-coding.jsonl", second),
    ):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows_of), encoding="utf-8")
    monkeypatch.setattr(agreement, "DATA", tmp_path)
    return tmp_path


def test_both_codings_of_a_sentence_stand_in_one_place_whatever_their_order(twice):
    found = {name: (a.tolist(), b.tolist()) for name, a, b in rows()}
    assert found["security"] == ([0, 1], [0, 1])
    assert found["legal"] == ([1, 0], [1, 0])
    assert found["health"] == ([1, 0], [0, 0])
    assert found["stance"] == ([-1, 1], [-1, 0])
    assert found["voice"] == ([1, 0], [0, 0])
    assert len(found) == 14


def test_a_second_coding_of_an_unknown_sentence_is_an_error(twice):
    (twice / "second-coding.jsonl").write_text('{"text": "d"}\n', encoding="utf-8")
    with pytest.raises(KeyError, match="'d'"):
        list(rows())


def test_the_second_coding_covers_every_construct():
    found = {name: (first, second) for name, first, second in rows()}
    sizes = {len(coding) for both in found.values() for coding in both}
    assert len(sizes) == 1
    assert sizes.pop() >= 300
    for name, (first, second) in found.items():
        assert len(set(first)) > 1, name
        assert len(set(second)) > 1, name
