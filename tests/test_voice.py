"""Whose words a passage is."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.voice import OUTLET, QUOTED, UNKNOWN, Voice, quoted_spans, voice_of


def voice(sentence: str) -> Voice:
    """The voice of a sentence that is a paragraph of its own."""
    return voice_of(0, sentence, *quoted_spans([(0, sentence)]))


SENTENCES = [
    # Plain reports and the outlet's own judgements.
    ("The bridge opens on Monday.", OUTLET, ""),
    ("The council voted nine to four for the bridge.", OUTLET, ""),
    ("This is a scandal, and the council should resign.", OUTLET, ""),
    ("Ada Lind opened the bridge in the rain.", OUTLET, ""),
    ("He crossed the bridge on foot.", OUTLET, ""),
    ("They walked home.", OUTLET, ""),
    ("Engineers will inspect the pillars in March.", OUTLET, ""),
    # Words that are verbs of reporting elsewhere.
    ("The report is due in spring.", OUTLET, ""),
    ("Her claim to the pier is older than the town.", OUTLET, ""),
    ("The company sold its last ferry.", OUTLET, ""),
    # Apostrophes and inches are no quotation marks.
    ("The town's ferry was sold.", OUTLET, ""),
    ("The ferrymen's pay wasn't raised in the '90s.", OUTLET, ""),
    ("The ferrymen’s pay wasn’t raised in the ’90s.", OUTLET, ""),
    ("The old ferry, the Stella's sister ship, leaks.", OUTLET, ""),
    ("The bridge is 30' long and 12' wide.", OUTLET, ""),
    ('A pipe of 6" runs under the pier.', OUTLET, ""),
    # Scare quotes, titles and signs.
    ('The so-called "bridge of peace" cost forty million crowns.', OUTLET, ""),
    ("The plan for a “smart” bridge has been delayed again.", OUTLET, ""),
    ("A “danger zone” begins at the third pillar of the bridge.", OUTLET, ""),
    ("Opponents of the bridge gathered at the 'people's pier' on Monday.", OUTLET, ""),
    ("The film “The Ferryman” opens in the town on Friday night.", OUTLET, ""),
    ("The sign on the pier reads “Closed”.", OUTLET, ""),
    ("“Bridge to nowhere” or not, the council has made up its mind and will pay for it.", OUTLET, ""),
    # Quotations, with and without a verb.
    ("“The bridge is dangerous.”", QUOTED, ""),
    ('"The bridge is dangerous."', QUOTED, ""),
    ("«The bridge is dangerous.»", QUOTED, ""),
    ("„The bridge is dangerous.“", QUOTED, ""),
    ("‘The bridge is dangerous.’", QUOTED, ""),
    ("'The bridge isn't safe.'", QUOTED, ""),
    ("“The bridge is dangerous“, and it will fall.", QUOTED, ""),
    ("“The bridge is dangerous”: with these words the council closed it.", OUTLET, ""),
    ("“The bridge is dangerous and nobody should cross it”: so the sign on the pier.", QUOTED, ""),
    ("“The bridge is dangerous,” said Ada Lind.", QUOTED, "Ada Lind"),
    ('"The bridge is dangerous," she said.', QUOTED, ""),
    ("“We don't need it,” Lind said, “and we can't pay for it.”", QUOTED, "Lind"),
    ("“It's the town's ferry,” said Lind, “and it's 'not for sale'.”", QUOTED, "Lind"),
    ('他说"今天桥开放了,大家都很高兴"。', QUOTED, ""),
    # Sources without quotation marks.
    ("Ada Lind said the bridge is dangerous.", QUOTED, "Ada Lind"),
    ("Ada Lind, who runs the ferry, said the bridge is dangerous.", QUOTED, "Ada Lind"),
    ("In Alder, Mayor Ada Lind said the pillars are sound.", QUOTED, "Mayor Ada Lind"),
    ("The Ministry of Works said the pillars are sound.", QUOTED, "Ministry of Works"),
    ("According to Ada Lind, the bridge is dangerous.", QUOTED, "Ada Lind"),
    ("According to the report, the bridge is dangerous.", QUOTED, ""),
    ("The bridge is dangerous, according to engineers.", QUOTED, ""),
    ("The ministry of works denied that the pillars are cracked.", QUOTED, ""),
    ("The report found that the pillars could crack.", QUOTED, ""),
    ("The mayor called the plan “a gift to the town”.", QUOTED, ""),
    ("They argued that the bridge is vanity.", QUOTED, ""),
    ("He warned that the pillars could crack.", QUOTED, ""),
    ("She told the council that nobody had asked the ferrymen.", QUOTED, ""),
    ("The ferrymen blocked the pier, saying nobody had asked them.", QUOTED, ""),
    # Headlines.
    ("Bridge is a danger, says mayor", QUOTED, ""),
    ("Mayor: Bridge is a danger", QUOTED, ""),
    ("Bridge opens on Monday", OUTLET, ""),
    # Marks that do not pair.
    ("“The bridge is dangerous and the town is asleep.", UNKNOWN, ""),
    ("The bridge, and I quote, “is dangerous.", UNKNOWN, ""),
    ("The bridge is dangerous.” And the town is asleep.", UNKNOWN, ""),
    ('The bridge is dangerous." And the town is asleep.', UNKNOWN, ""),
    ('The mayor opened "the bridge.', UNKNOWN, ""),
    # No words at all.
    ("", OUTLET, ""),
    ("…", OUTLET, ""),
]


@pytest.mark.parametrize(
    ("sentence", "whose", "speaker"), SENTENCES, ids=[sentence[:50] for sentence, _, _ in SENTENCES]
)
def test_a_sentence_has_the_voice_that_a_reader_would_give_it(sentence: str, whose: str, speaker: str):
    assert voice(sentence) == Voice(whose, speaker)


@pytest.mark.parametrize(
    ("name", "speaker"),
    [("Ada Lind", "Ada Lind"), ("Officials", "Officials"), ("NA", "NA"), ("Zoë O’Dell-Lind", ""), ("The council of Alder and its mayor, Ada Lind,", None)],
)  # fmt: skip
def test_a_source_named_with_a_verb_of_reporting_makes_the_sentence_its_own(name: str, speaker: str | None):
    found = voice(f"{name} said the bridge is dangerous.")
    assert found.voice == QUOTED
    assert speaker in (None, "") or found.speaker == speaker


def voices(*paragraphs: str) -> list[str]:
    """Of each paragraph of an article, taken as one passage."""
    starts = [sum(len(p) + 1 for p in paragraphs[:i]) for i in range(len(paragraphs))]
    spans = quoted_spans(list(zip(starts, paragraphs, strict=True)))
    return [voice_of(start, paragraph, *spans).voice for start, paragraph in zip(starts, paragraphs, strict=True)]


@pytest.mark.parametrize("marks", ["“”", '""', "«»"])
def test_a_quotation_goes_on_over_paragraphs_that_each_begin_with_a_mark(marks: str):
    opening, closing = marks
    assert voices(
        f"{opening}The bridge is dangerous.",
        f"{opening}The pier is rotten.",
        f"{opening}The ferry leaks.{closing}",
        "The council met on Monday.",
    ) == [QUOTED, QUOTED, QUOTED, OUTLET]


def test_a_quotation_that_nobody_takes_up_is_unknown_and_does_not_spread():
    assert voices("“The bridge is dangerous.", "The pier is rotten.", "“The ferry leaks.”", "Nobody came.") == [
        UNKNOWN,
        OUTLET,
        QUOTED,
        OUTLET,
    ]


def test_only_the_passage_with_the_mark_is_unknown():
    paragraph = "The council met on Monday. The pier “is rotten."
    spans = quoted_spans([(0, paragraph)])
    assert voice_of(0, paragraph[:26], *spans) == Voice(OUTLET)
    assert voice_of(27, paragraph[27:], *spans) == Voice(UNKNOWN)


def test_a_sentence_inside_a_long_quotation_is_quoted_though_it_has_no_mark():
    paragraph = "“The bridge is dangerous. The pier is rotten. The ferry leaks,” said Lind."
    spans = quoted_spans([(0, paragraph)])
    start = paragraph.index("The pier")
    assert voice_of(start, "The pier is rotten.", *spans) == Voice(QUOTED)


@pytest.mark.parametrize(
    ("paragraph", "spans"),
    [
        ("", []),
        ("The 'big' bridge", ["'big'"]),
        ("a “b” c «d» e", ["“b”", "«d»"]),
        ("“a 'b' c” d", ["“a 'b' c”"]),
        ("'a “b” c' d", ["'a “b” c'"]),
        ("“a“ b", ["“a“"]),
        ("the town's and the ferrymen's", []),
        ("it’s ‘not the town’s’ pier", ["‘not the town’s’"]),
    ],
)
def test_spans_begin_and_end_with_their_marks(paragraph: str, spans: list[str]):
    quoted, unpaired = quoted_spans([(5, paragraph)])
    assert [paragraph[low - 5 : high - 5] for low, high in quoted] == spans
    assert unpaired == []


marked = st.text(st.sampled_from("ab A.,'’‘\"“”«»„\n5—") | st.characters(), max_size=40)


@settings(max_examples=150)
@given(paragraphs=st.lists(marked, max_size=6))
def test_spans_are_in_order_apart_and_within_their_text(paragraphs: list[str]):
    starts = [sum(len(p) + 1 for p in paragraphs[:i]) for i in range(len(paragraphs))]
    quoted, unpaired = quoted_spans(list(zip(starts, paragraphs, strict=True)))
    end = sum(len(p) + 1 for p in paragraphs)
    for spans in (quoted, unpaired):
        assert all(low < high for low, high in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert all(low >= 0 and high <= end for low, high in spans)
    for start, paragraph in zip(starts, paragraphs, strict=True):
        found = voice_of(start, paragraph, quoted, unpaired)
        assert found.voice in (OUTLET, QUOTED, UNKNOWN)
        assert found.voice == QUOTED or not found.speaker
        assert found.speaker in paragraph


@pytest.mark.parametrize(
    "text",
    ["Lind " + "recently " * 60 + "sailed", "A.B-" * 3000, "“Yes.” " * 3000, "'em the 'tis " * 2000, '" ' * 5000],
    ids=["adverbs", "capitals", "quotations", "apostrophes", "marks"],
)
def test_a_text_made_to_keep_a_pattern_busy_is_read_like_any_other(text: str):
    assert voice(text).voice in (OUTLET, QUOTED, UNKNOWN)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("Line 4 works: Mill Street is left to die", "outlet"),
        ("Mill Street without cars: hear the birds", "outlet"),
        ("The result is clear: exports fell.", "outlet"),
        ("Lind: the ban is a pretext", "quoted"),
        ("Ban is a pretext: Trade Ministry", "quoted"),
        ("Critics of the ban say it will hurt small firms.", "quoted"),
        ("Officials in the capital have said it will be sold.", "quoted"),
    ],
)
def test_a_colon_alone_quotes_nobody_and_a_source_may_be_described(text, whose):
    assert voice_of(0, text, *quoted_spans([(0, text)])).voice == whose
