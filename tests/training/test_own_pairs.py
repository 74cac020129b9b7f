"""The coded sentences as pairs: who goes into which part, which wider names a target has, and what a pair's label says."""

from collections import Counter
from pathlib import Path

import pytest

from training import wordings as w
from training.own_pairs import (
    EVERYTHING,
    SIDES_FIRST,
    SIDES_ONLY,
    own_pairs,
    part,
    read_opposites,
    read_sentences,
    read_sentences_file,
    unrelated_pairs,
    wider_targets,
)

FOLDER = Path(__file__).parents[2] / "training" / "data" / "framing-entailment"


@pytest.fixture(scope="module")
def sentences():
    return read_sentences(FOLDER)


def sentence(**fields):
    plain = {
        "text": "Text.",
        "issue": "harbour",
        "target": "the harbour plan",
        "frames": [],
        "stance": 0,
        "voice": "outlet",
    }
    return plain | fields


# ---- parts


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        ("AI chatbot ban Armenia", "training"),
        ("AI act fees in the EU", "training"),
        ("AI chatbot ban Australia", "development"),
        ("Chinese controls on drone parts", "development"),
        ("Dutch asylum centre", "test"),
        ("China and memory chips", "test"),
    ],
)
def test_an_issue_stays_in_the_part_that_the_published_figures_rest_on(issue, expected):
    assert part(sentence(issue=issue)) == expected


def test_the_part_depends_on_the_issue_alone():
    other = sentence(text="Other.", target="a ban", frames=["legal"], stance=1, voice="quoted", wider="bans")
    assert part(other) == part(sentence())


def test_the_parts_have_about_the_sizes_that_were_asked_for(sentences):
    issues = Counter(part({"issue": issue}) for issue in {s["issue"] for s in sentences})
    assert issues.keys() == {"training", "development", "test"}
    assert issues["test"] / issues.total() == pytest.approx(0.10, abs=0.03)
    assert issues["development"] / issues.total() == pytest.approx(0.08, abs=0.03)


# ---- wider targets


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"wider": "rent control"}, ("rent control",)),
        ({"wider": ""}, ()),
        ({"wider": "bans on foreign drones"}, ("bans on foreign drones", *w.TECH_RESTRICTIONS)),
        ({"wider": "subsidies for drones from abroad"}, ("subsidies for drones from abroad",)),
        ({"wider": "bans on drones"}, ("bans on drones",)),
        # What the author wrote counts, whatever the target says.
        ({"wider": "", "target": "the ban on Chinese drones"}, ()),
        ({"target": "the ban on Chinese drones"}, w.TECH_RESTRICTIONS + w.RESTRICTIONS[:3]),
        ({"target": "the ban", "issue": "drones from Turkish makers"}, w.TECH_RESTRICTIONS + w.RESTRICTIONS[:3]),
        ({"target": "the ban on night flights"}, w.RESTRICTIONS),
        ({"target": "the harbour fees bill"}, w.POLICIES),
        ({"target": "lifting the ban on Chinese drones"}, ()),
        ({"target": "Ada Lind"}, ()),
    ],
)
def test_a_target_has_the_wider_names_that_fit_it(fields, expected):
    assert wider_targets(sentence(**fields)) == expected


# ---- pairs


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others(sentences):
    some = sentences[:60]
    assert own_pairs(some, {}, 1) == own_pairs(some, {}, 1)
    assert {pair[:3] for pair in own_pairs(some, {}, 1)} != {pair[:3] for pair in own_pairs(some, {}, 2)}


def test_no_sentence_is_told_both_answers_to_one_question(sentences):
    opposites = read_opposites()
    answers = {}
    for seed in (1, 2):
        for pair in own_pairs(sentences, opposites, seed):
            assert answers.setdefault((pair.premise, pair.hypothesis), pair.entailed) == pair.entailed, pair
            assert "{" not in pair.hypothesis


def test_a_sentence_is_asked_for_every_frame_that_it_carries_and_told_yes():
    carried = ["security", "legal"]
    given = [sentence(frames=carried), sentence(text="Other.", issue="airport", target="the airport bill")]
    said = [pair.hypothesis for pair in own_pairs(given, {}, 1) if pair.premise == "Text." and pair.entailed]
    for frame in w.FRAMES:
        plain = {wording for wording in w.FRAMES[frame] if "{" not in wording}
        if frame not in carried:
            assert plain.isdisjoint(said)
    assert len(set(w.FRAMES["legal"]) & set(said)) == 2


@pytest.mark.parametrize(("stance", "favor", "against"), [(1, {1}, {0}), (-1, {0}, {1}), (0, {0}, {0})])
def test_the_two_sides_are_told_apart(stance, favor, against):
    given = [sentence(stance=stance), sentence(text="Other.", issue="airport", target="the airport bill")]
    told = {"favor": set(), "against": set()}
    sides = {"favor": w.FAVOR + w.FAVOR_MEASURE, "against": w.AGAINST + w.AGAINST_MEASURE}
    names = (given[0]["target"], *wider_targets(given[0]))
    for seed in range(20):
        for pair in own_pairs(given, {}, seed):
            for side, wordings in sides.items():
                if pair.premise == "Text." and pair.hypothesis in {
                    each.format(t=t) for each in wordings for t in names
                }:
                    told[side].add(pair.entailed)
    assert told == {"favor": favor, "against": against}


def answers_about(target, given, opposites, asked):
    """What the first sentence is told of the two sides of a target, over many draws."""
    told = {"favor": set(), "against": set()}
    for seed in range(40):
        for pair in own_pairs(given, opposites, seed, asked):
            for side, wordings in (("favor", w.FAVOR), ("against", w.AGAINST)):
                if pair.premise == "Text." and pair.hypothesis in {each.format(t=target) for each in wordings}:
                    told[side].add(pair.entailed)
    return told


@pytest.mark.parametrize(
    ("target", "favor", "against"),
    [
        ("the harbour plan", {1}, {0}),
        ("leaving the harbour as it is", {0}, {1}),  # what the target rules out
        ("the mayor", {1}, {0}),  # beside the target, as its author coded it
        ("the ferry", {0}, {0}),
        ("the airport bill", {0}, {0}),  # another issue
    ],
)
@pytest.mark.parametrize(
    "asked", [EVERYTHING, SIDES_FIRST, SIDES_ONLY], ids=["everything", "sides first", "sides only"]
)
def test_the_same_words_answer_each_target_differently(target, favor, against, asked):
    others = [["the mayor", 1], ["the ferry", 0]]
    given = [sentence(stance=1, others=others), sentence(text="Other.", issue="airport", target="the airport bill")]
    opposites = {"the harbour plan": ("leaving the harbour as it is",)}
    assert answers_about(target, given, opposites, asked) == {"favor": favor, "against": against}


def test_a_mix_may_ask_for_the_side_alone_and_seldom_for_what_is_ruled_out():
    given = [sentence(stance=1), sentence(text="Other.", issue="airport", target="the airport bill")] * 50
    opposites = {"the harbour plan": ("leaving the harbour as it is",)}

    def share(asked, word):
        pairs = own_pairs(given, opposites, 1, asked)
        return sum(word in pair.hypothesis for pair in pairs) / len(pairs)

    assert share(SIDES_FIRST, "leaving") < share(EVERYTHING, "leaving")
    assert share(SIDES_ONLY, "quoted") == 0 < share(EVERYTHING, "quoted") < share(SIDES_FIRST, "quoted")


def test_a_mix_may_have_one_wording_of_each_question():
    given = [sentence(frames=["legal"], stance=1), sentence(text="Other.", issue="airport", target="the airport bill")]
    target = given[0]["target"]
    known = {each.format(t=target) for each in w.FAVOR + w.FAVOR_MEASURE + w.AGAINST + w.AGAINST_MEASURE}
    known |= {*w.FRAMES["legal"], *w.QUOTED}

    def wordings(asked):
        drawn = [pair.hypothesis for seed in range(20) for pair in own_pairs(given, {}, seed, asked)]
        return known.intersection(drawn)

    first = {w.FAVOR[0].format(t=target), w.AGAINST[0].format(t=target), w.FRAMES["legal"][0], w.QUOTED[0]}
    assert wordings(EVERYTHING._replace(wordings=1)) == first
    assert len(wordings(EVERYTHING)) > 3 * len(first)


def test_a_denied_question_has_the_other_answer():
    given = [sentence(frames=["legal"]), sentence(text="Other.", issue="airport", target="the airport bill")]
    plain = {f"{h[:1].lower()}{h[1:]}": frame for frame, some in w.FRAMES.items() for h in some if "{" not in h}
    seen = set()
    for seed in range(40):
        for pair in own_pairs(given, {}, seed):
            for negated in w.NEGATED:
                frame = plain.get(pair.hypothesis.removeprefix(negated.format(h="")))
                if pair.premise == "Text." and frame and pair.hypothesis.startswith(negated.format(h="")):
                    assert pair.entailed == int(frame != "legal")
                    seen.add(pair.entailed)
    assert seen == {0, 1}


def test_every_target_that_is_ruled_out_is_named_once_and_belongs_to_a_sentence(sentences):
    opposites = read_opposites()
    assert opposites.keys() <= {each["target"] for each in sentences}
    assert all(len(set(names)) == len(names) and target not in names for target, names in opposites.items())


def test_a_text_on_something_else_takes_no_side():
    texts = ["The choir sang.", "It rained."]
    made = unrelated_pairs([sentence()], texts, 1)
    assert [(pair.premise, pair.entailed, pair.source) for pair in made] == [(text, 0, "unrelated") for text in texts]


def test_lines_are_those_of_the_file_and_empty_ones_are_none(tmp_path):
    # A line separator inside a text is no end of a line of JSON.
    (tmp_path / "b.jsonl").write_text('{"text": "b\u2028b"}\n\n', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n{"text": "c"}', encoding="utf-8")
    assert [s["text"] for s in read_sentences(tmp_path)] == ["a", "c", "b\u2028b"]
    assert read_sentences_file(tmp_path / "b.jsonl") == [{"text": "b\u2028b"}]
