"""The model that comes with the package: a score is a pair's own to the last bit, and clear cases come out clearly."""

import numpy as np
import onnxruntime
import pytest

import framing
from framing.entailment.reference import compare

HYPOTHESIS = "The bridge is dangerous."
SENTENCES = (
    "No.",
    "The bridge opens on Monday.",
    "Engineers found cracks in two of its pillars, and the council closed it for a week.",
    "“We were told that nothing could happen,” said a woman who crosses it with her bicycle every morning, “and then the "
    "whole deck began to swing from side to side while we stood in the middle of it and could not turn back.”",
)
LONG = " ".join(SENTENCES) * 4


def test_a_score_is_bit_identical_alone_in_company_and_at_any_padding(bundled):
    together = bundled.entail(SENTENCES, [HYPOTHESIS] * 4)
    turned = bundled.entail(SENTENCES[::-1], [HYPOTHESIS] * 4)[::-1]
    alone = [bundled.entail([sentence], [HYPOTHESIS])[0] for sentence in SENTENCES]
    # Beside a long text every other is padded to its length.
    padded = [bundled.entail([sentence, LONG], [HYPOTHESIS] * 2)[0] for sentence in SENTENCES]
    for other in (turned, alone, padded):
        np.testing.assert_array_equal(np.asarray(other, dtype=np.float32).view(np.uint32), together.view(np.uint32))
    assert len(set(together.tolist())) == 4


def test_the_scores_that_lie_with_the_weights_are_made_here_again(bundled):
    found = compare(bundled, bundled.folder)
    assert (found.pairs, found.alike) == (72, 72)
    assert found.rounding


def test_other_sums_move_scores_by_rounding_alone(bundled, monkeypatch):
    """ONNX Runtime without its rewriting of graphs calls other kernels, as another processor would."""

    class Options(onnxruntime.SessionOptions):
        def __init__(self):
            super().__init__()
            self.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL

    monkeypatch.setattr(onnxruntime, "SessionOptions", Options)
    other = framing.load_model()
    found = compare(other, other.folder)
    assert (found.rounding, found.alike) == (True, found.pairs)
    assert not np.array_equal(
        other.entail(SENTENCES, [HYPOTHESIS] * 4), bundled.entail(SENTENCES, [HYPOTHESIS] * 4)
    )  # it did sum otherwise


def test_a_score_is_bit_identical_whatever_else_is_asked(bundled):
    others = [
        "No.",
        HYPOTHESIS,
        "This text is about something that has nothing to do with any bridge, river or town, whatever it is called.",
    ]
    table = bundled.entail_table(SENTENCES, others)
    alone = bundled.entail(SENTENCES, [HYPOTHESIS] * 4)
    many = bundled.entail_table(SENTENCES[:2], [*(f"The text speaks of number {i}." for i in range(40)), HYPOTHESIS])
    np.testing.assert_array_equal(table[:, 1].view(np.uint32), alone.view(np.uint32))
    np.testing.assert_array_equal(many[:, -1].view(np.uint32), alone[:2].view(np.uint32))


# Hypothesis, a sentence that entails it or comes close, one that does not: clear to any reader. What the model is known to get wrong
# (negations that share their words with the hypothesis) stands in its card.
CLEAR = [
    (
        "This is a threat to national security.",
        "The ministry warned that a foreign army could listen to government calls through the devices.",
        "The bakery on Mill Street sells fresh rolls every morning.",
    ),
    (
        "The bridge is dangerous.",
        "The bridge was closed because its pillars could collapse at any moment.",
        "The inspectors praised the bridge as the safest in the country.",
    ),
    (
        "The author supports the ban.",
        "The ban is right and long overdue, and parliament should pass it today.",
        "The ban is a foolish mistake, and parliament should drop it today.",
    ),
    (
        "The author opposes the ban.",
        "The ban is a foolish mistake, and parliament should drop it today.",
        "The ban is right and long overdue, and parliament should pass it today.",
    ),
    (
        "The measure costs companies money.",
        "The new rule will cost small firms millions every year.",
        "The children's choir sang three songs at the opening.",
    ),
    (
        "The decision is politically motivated.",
        "The senator pushed the decision through only to win votes before the election.",
        "Rain is expected in the north on Thursday.",
    ),
    (
        "The matter is before a court.",
        "The company sued, and judges will hear the case in May.",
        "The company painted all of its vans green.",
    ),
    (
        "Rents are rising.",
        "Rents went up by a fifth this year.",
        "Rents went down by a fifth this year.",
    ),
    (
        "The union criticizes the company.",
        "The union accused the company of breaking its promises.",
        "The union thanked the company for keeping its promises.",
    ),
    (
        "The new technology helps patients.",
        "With the new sensor, doctors find the illness years earlier and save lives.",
        "The tram was ten minutes late again.",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def clear_scores(bundled):
    asked = [(premise, hypothesis) for hypothesis, *premises in CLEAR for premise in premises]
    return bundled.entail([p for p, _ in asked], [h for _, h in asked]).reshape(-1, 2)


@pytest.mark.parametrize("number", range(len(CLEAR)), ids=[hypothesis for hypothesis, _, _ in CLEAR])
def test_what_says_it_outranks_what_does_not(clear_scores, number):
    says_it, does_not = clear_scores[number]
    assert says_it > does_not


def test_the_model_tells_the_clear_cases_apart_at_the_threshold(clear_scores):
    """Not each of them, which would be asking for perfection, but by far the most."""
    right = (clear_scores > 0.5) == [True, False]
    assert right.mean() >= 0.75
