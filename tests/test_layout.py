"""What of a scraped page is the article: title, body, and furniture with its reason."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.layout import (
    AFTER_END,
    ANNOUNCED,
    ASIDE,
    BEFORE_TITLE,
    BODY,
    LABEL,
    OTHER_STORIES,
    REPEATED,
    TEASER,
    TITLE,
    Paragraph,
    layout,
)

FIRST = "The council of Alder voted on Monday to build the bridge over the river, ending a quarrel of nine years."
SECOND = "Ferrymen blocked the pier on Tuesday and said the council had not asked anyone who lives from the river."
THIRD = "The council of Alder said on Tuesday that the bridge over the river will be paid for by those who lives near the pier."
FOURTH = "Ferrymen said on Monday that the council had not voted on the river, and that nobody asked anyone of Alder for the bridge."
ARTICLE = (FIRST, SECOND, THIRD)
HEADLINES = ("Harbour seals counted", "Old clock repaired after storm")
TITLE_TEXT = "Bridge vote ends quarrel of nine years"


def role_of(paragraph: str) -> tuple[str, str]:
    """Role and reason of a paragraph in the middle of an article."""
    found = {p.text: (p.role, p.reason) for p in layout("\n\n".join([FIRST, SECOND, paragraph, THIRD]), TITLE_TEXT)}
    assert all(found[own] == (BODY, "") for own in ARTICLE)
    return found[paragraph]


def roles(*paragraphs: str, title: str | None = None, between: str = "\n") -> list[str]:
    """Of each paragraph: its role, or the reason of an aside."""
    found = layout(between.join(paragraphs), title)
    assert [p.text for p in found] == list(paragraphs)
    return [p.reason if p.role == ASIDE else p.role for p in found]


# Furniture, its reason, and a paragraph with the same words that is an article's own.
PAIRS = [
    ("Sign in to read the full story", "sign-in or subscription prompt", "The two towns will sign in May."),
    ("Sign up today", "sign-in or subscription prompt", "Alder will sign up to the treaty on river traffic."),
    ("Already a subscriber? Log in", "sign-in or subscription prompt", "The ferry company has nine thousand subscribers."),
    ("Subscribe now for two crowns a month", "sign-in or subscription prompt", "Those who subscribed to the bridge fund will be paid back."),
    ("Cancel anytime", "sign-in or subscription prompt", "The council may cancel the contract at no cost."),
    ("Register", "sign-in or subscription prompt", "The register of ferrymen has nine names in it."),
    ("Sign up for our newsletter", "sign-in or subscription prompt", "The rowing club will have its say in the next letter to its members, which has gone out in spring for many years."),
    ("Get the morning briefing", "newsletter box", "The council had a morning meeting on the pillars."),
    ("The river in your inbox, free", "newsletter box", "The inbox of the council was full of complaints."),
    ("Get our app for the latest from the river", "app banner", "The company said its app was used to open the lockers."),
    ("Read it in the app", "app banner", "Thieves read the codes from the app of the ferry company."),
    ("Share", "share or comment bar", "Share prices of the ferry company fell by a third."),
    ("Share this article", "share or comment bar", "The towns share this river and its floods."),
    ("3 Comments", "share or comment bar", "Comments from the ferrymen were read aloud."),
    ("Print | E-mail | Facebook", "share or comment bar", "Print media of the town took no side."),
    ("Follow us on the river channel", "share or comment bar", "Follow the river and you come to the pier."),
    ("Back to top", "share or comment bar", "The climb back to the top takes an hour."),
    ("We use cookies to improve this site.", "cookie note", "Cookies and tea were served on the pier by the council."),
    ("Advertisement", "promotion", "Advertising on the bridge will be banned."),
    ("Sponsored: a bank on the river", "promotion", "The bridge was sponsored by a bank on the river."),
    ("Click here to learn more", "promotion", "The ferrymen want to learn what the bridge will cost."),
    ("Support our journalism", "promotion", "The council will support journalism at the school."),
    ("Read more: Ferry sold to museum", "link to another story", "The council reads more letters than it answers."),
    ("Related: Ferry sold to museum", "link to another story", "Related charges against two engineers were dropped."),
    ("More: Ferry sold to museum", "link to another story", "More people cross the river by ferry than ever before."),
    ("Most read: Ferry sold to museum", "link to another story", "It was the most read notice on the town's board."),
    ("By Ada Lind", "byline, date or reading time", "By Monday the pillars had cracked."),
    ("By Ada Lind, river correspondent", "byline, date or reading time", "By Ada Lind's reckoning, the pillars will last."),
    ("3 May 2031", "byline, date or reading time", "On 3 May 2031 the bridge was closed."),
    ("Published 3 May 2031", "byline, date or reading time", "Published plans of the bridge show nine pillars."),
    ("Updated: Monday, 10.30", "byline, date or reading time", "Updated plans of the bridge show nine pillars."),
    ("5 min read", "byline, date or reading time", "The crossing takes five minutes."),
    ("2 hours ago", "byline, date or reading time", "Two hours ago the ferry sank."),
    ("Ada Lind contributed to this report.", "byline, date or reading time", "The flood contributed to this collapse."),
    ("Photo: Ada Lind", "picture credit", "The photo shows a crack in the third pillar."),
    ("Image credit: River Archive", "picture credit", "The image of the town has suffered."),
    ("Tags: bridge, river, ferry", "tags", "Tags on the pillars mark the height of each flood."),
    ("Topics: bridge", "tags", "Topics such as tolls were left for the autumn."),
    ("This page is not legal advice", "legal note", "The council took legal advice before the vote."),
    ("Corrections: desk@alder.example", "contact or correction note", "Corrections to the plans were made in spring."),
    ("https://alder.example/bridge", "picture", "The plans are at alder.example for all to see."),
    ("![A bridge](bridge.png)", "picture", "A picture of a bridge hangs in the town hall!"),
    ("Home > News > Alder", "navigation", "The way home > the way there, as ferrymen say."),
    ("* * *", "no words", "It has three stars * on the map."),
]  # fmt: skip


@pytest.mark.parametrize(("furniture", "reason", "own"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_furniture_is_set_aside_with_its_reason_and_the_articles_own_with_the_same_words_is_kept(
    furniture: str, reason: str, own: str
):
    assert role_of(furniture) == (ASIDE, reason)
    assert role_of(own) == (BODY, "")


def test_a_long_paragraph_is_an_articles_own_whatever_words_are_in_it():
    own = (
        "The ferry company asks its customers to sign in with an app before they cross, a newsletter of the rowing club said on Monday, "
        "and many of those who did not want to register were left standing on the pier in the rain for most of the evening."
    )
    assert role_of(own) == (BODY, "")


def test_a_sentence_of_middle_length_is_furniture_only_if_it_speaks_to_the_reader():
    about = "The rowing club, which was founded by ferrymen, called the bridge a piece of vanity in the last newsletter of the year."
    to_reader = "The river never sleeps, and neither do we, so have the news of the bridge sent to you in the newsletter of the year."
    assert role_of(about) == (BODY, "")
    assert role_of(to_reader) == (ASIDE, "newsletter box")


@pytest.mark.parametrize("between", ["\n", "\n\n", "\n \t\n\n"])
def test_a_plain_article_is_its_title_and_its_body(between: str):
    assert roles(TITLE_TEXT, *ARTICLE, between=between, title=TITLE_TEXT) == [TITLE, BODY, BODY, BODY]


@pytest.mark.parametrize(
    "title",
    [
        TITLE_TEXT,
        TITLE_TEXT.upper(),
        "“Bridge vote” ends quarrel — of nine years!",
        "Bridge vote ended quarrel of nine years",
        None,
    ],
)
def test_the_title_is_found_whatever_its_case_marks_and_small_changes(title: str | None):
    assert roles("Home", "News", TITLE_TEXT, "By Ada Lind", *ARTICLE, title=title) == [
        LABEL,
        LABEL,
        TITLE,
        "byline, date or reading time",
        BODY,
        BODY,
        BODY,
    ]


def test_a_title_that_is_not_in_the_text_makes_no_paragraph_the_title():
    assert roles(*ARTICLE, title="Nine seals in the harbour") == [BODY, BODY, BODY]
    assert roles(*ARTICLE) == [BODY, BODY, BODY]


def test_a_lead_above_the_title_is_the_articles_own_and_a_label_is_not():
    assert roles("Bridge news from the river town", FIRST, TITLE_TEXT, SECOND, THIRD, title=TITLE_TEXT) == [
        BEFORE_TITLE,
        BODY,
        TITLE,
        BODY,
        BODY,
    ]


def test_subheadings_and_bullets_between_prose_are_kept_and_labels_around_it_are_not():
    assert roles("River life", FIRST, "What the ferrymen want", SECOND, "• Tolls stay as they are", THIRD, "River life", title="x") == [
        LABEL, BODY, BODY, BODY, BODY, BODY, LABEL,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "opener",
    [
        "Related stories",
        "You may also like",
        "Most read",
        "More from Alder",
        "Recommended for you",
        "In other news",
        "Read next",
        "Editor's picks",
    ],
)
def test_a_list_of_other_stories_at_the_end_is_set_aside(opener: str):
    unrelated = "The museum bought a painting of a cow for a sum which nobody in its office would name or even hint at yesterday."
    assert roles(*ARTICLE, opener, *HEADLINES, unrelated, title="x")[:3] == [BODY, BODY, BODY]
    assert set(roles(*ARTICLE, opener, *HEADLINES, unrelated, title="x")[3:]) == {OTHER_STORIES}


@pytest.mark.parametrize("opener", ["Related stories", "You may also like", "Most read", "More from Alder"])
def test_the_article_goes_on_after_a_box_of_other_stories(opener: str):
    assert roles(FIRST, SECOND, opener, *HEADLINES, THIRD, FOURTH, title="x") == [
        BODY, BODY, OTHER_STORIES, OTHER_STORIES, OTHER_STORIES, BODY, BODY,
    ]  # fmt: skip


def test_a_sentence_that_begins_like_a_list_of_other_stories_opens_none():
    own = "Related stories were told by ferrymen on both sides of the river."
    assert roles(FIRST, SECOND, own, THIRD, title="x") == [BODY] * 4


@pytest.mark.parametrize(
    "closer",
    [
        "© 2031 Alder Post",
        "Copyright 2031 Alder Post. All rights reserved.",
        "Disclaimer: This text is no advice.",
        "About the author",
        "Ada Lind is a reporter at the Alder Post.",
        "This article first appeared in the Birch Mail.",
    ],
)
def test_what_follows_the_end_is_set_aside_and_what_only_looks_like_an_end_ends_nothing(closer: str):
    after = "The publisher takes no part in traffic and answers for nothing which readers might do on water or elsewhere in life."
    ended = roles(*ARTICLE, closer, after, title="x")
    assert ended[:3] == [BODY, BODY, BODY]
    assert set(ended[3:]) == {AFTER_END}
    assert roles(FIRST, SECOND, closer, THIRD, FOURTH, title="x")[-2:] == [BODY, BODY]


@pytest.mark.parametrize(
    "own",
    [
        "Copyright in the plans stays with the engineers.",
        "The disclaimer on the tickets was unlawful, the court found.",
        "(c) The ferry stays, and nobody pays for the pier.",
    ],
)
def test_words_of_the_law_in_a_sentence_do_not_end_the_article(own: str):
    assert roles(FIRST, SECOND, own, title="x") == [BODY, BODY, BODY]


def teaser(headline: str, summary: str) -> tuple[str, str]:
    """As some sites repeat it: headline and summary in one line, then the summary alone."""
    return f"{headline} {summary}", summary


COW = teaser("Museum buys cow", "The museum bought a painting of a cow.")
CLOCK = teaser("Clock repaired", "The old clock was repaired after the storm.")


def test_a_summary_that_stands_behind_its_headline_and_alone_is_a_teaser():
    assert roles(*ARTICLE, *COW, *CLOCK, title="x") == [BODY, BODY, BODY, TEASER, TEASER, TEASER, TEASER]
    assert roles(FIRST, SECOND, *COW, *CLOCK, THIRD, FOURTH, title="x") == [BODY, BODY, *[TEASER] * 4, BODY, BODY]


def test_a_sentence_that_another_paragraph_ends_with_far_above_is_no_teaser():
    echo = "Nobody had asked the ferrymen about it."
    found = roles(
        f"{FIRST} {echo}", SECOND, "What the ferrymen want", THIRD, "What the mayor wants", echo, FOURTH, title="x"
    )
    assert found == [BODY] * 7


def test_a_paragraph_that_stands_twice_is_kept_once():
    assert roles(FIRST, SECOND, FIRST.upper(), THIRD, title="x") == [BODY, BODY, REPEATED, BODY]


def test_short_words_may_come_again():
    assert roles(FIRST, "“Never.”", SECOND, "“Never.”", THIRD, title="x") == [BODY] * 5


def wrapped(*paragraphs: str, width: int = 44) -> str:
    return "\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs)


def test_hard_wrapped_lines_are_put_together_to_paragraphs():
    text = wrapped(TITLE_TEXT, f"{FIRST} {SECOND}", "Advertisement", THIRD)
    found = layout(text, TITLE_TEXT)
    assert [" ".join(p.text.split()) for p in found] == [TITLE_TEXT, f"{FIRST} {SECOND}", "Advertisement", THIRD]
    assert [p.role for p in found] == [TITLE, BODY, ASIDE, BODY]
    assert all(text[p.start : p.end] == p.text for p in found)


def test_a_few_lines_that_go_on_do_not_make_a_text_hard_wrapped():
    cut = "The ferry sails\nat noon\nfrom the old pier"
    assert len(layout(f"{FIRST}\n{cut}\n{SECOND}", "x")) == 5
    assert len(layout(f"{wrapped(FIRST, SECOND)}\n\n{cut}", "x")) == 3


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u2003\u00a0"])
def test_a_text_without_a_character_has_no_paragraphs(text: str):
    assert layout(text) == layout(text, TITLE_TEXT) == []


@pytest.mark.parametrize("text", ["Vote.", "Vote", "桥", "!", "© 2031", "Sign in", "Related stories"])
def test_one_short_line_is_one_paragraph(text: str):
    [paragraph] = layout(text)
    assert (paragraph.start, paragraph.end, paragraph.text) == (0, len(text), text)


@pytest.mark.parametrize(
    "text",
    ["Print" + " - aa" * 19 + " !", "x" + "-a" * 5000 + "!", "[a]" * 2000 + "!", "A.B-" * 2000, "> " * 3000, "a" * 50_000, "by " + "A " * 39],
    ids=["dashes", "one word", "crumbs", "capitals", "arrows", "token", "names"],
)  # fmt: skip
def test_a_text_made_to_keep_a_pattern_busy_is_read_like_any_other(text: str):
    """A pattern that tries every way to split such a text would not come back within a lifetime."""
    [paragraph] = layout(text, "A title")
    assert paragraph.text == text.strip()


line = (
    st.text(max_size=60)
    | st.sampled_from([*ARTICLE, *HEADLINES, *COW, *CLOCK, *(pair[0] for pair in PAIRS), *(pair[2] for pair in PAIRS)])
    | st.sampled_from(["Related stories", "© 2031 Alder Post", "", " ", "\t", TITLE_TEXT])
)
text_of_lines = st.lists(line, max_size=14).map("\n".join) | st.text(
    st.characters() | st.sampled_from("\r\n\t \x85\x1c\u2028\u3000\ufeff")
)


@settings(max_examples=150)
@given(text=text_of_lines, title=st.none() | line)
def test_paragraphs_are_trimmed_in_order_and_cover_every_character(text: str, title: str | None):
    paragraphs = layout(text, title)
    end = 0
    for p in paragraphs:
        assert p.text == text[p.start : p.end] == p.text.strip() != ""
        assert not text[end : p.start].strip()
        assert p.role in (TITLE, BODY, ASIDE)
        assert (p.reason != "") == (p.role == ASIDE)
        end = p.end
    assert not text[end:].strip()
    assert sum(p.role == TITLE for p in paragraphs) <= 1


@given(text=text_of_lines, title=line)
def test_the_layout_of_a_text_depends_on_nothing_but_text_and_title(text: str, title: str):
    assert layout(text, title) == layout(text, title)
    assert [Paragraph(p.start + 1, p.end + 1, p.text, p.role, p.reason) for p in layout(text)] == layout(" " + text)


STORY = [
    "The Supreme Court upheld a law on Friday that bans the video app unless its owner sells it.",
    "The justices found that lawmakers had good reason to fear for the data of the app's users.",
    "Engineers who worked on the app told the court that the data of users lie on servers abroad.",
    "The owner of the video app says that it will not sell, and that the law harms its users.",
    "Lawmakers from both parties had voted for the law last April after hearings on the app.",
]


@pytest.mark.parametrize(
    "head",
    [
        [
            "News | Technology | Court upholds law that would ban the video app",
            "Court upholds law that would ban the video app",
        ],
        ["BREAKING: Court upholds law that would ban the video app", "Court upholds law that would ban the video app"],
        ["By David Arnes and Sapna Mehra", "David Arnes and Sapna Mehra"],
        ["Published 17 January 2031, 10:15 GMT", "17 January 2031, 10:15 GMT"],
    ],
)
def test_a_line_that_comes_again_in_the_head_costs_no_article(head):
    found = layout("\n\n".join([*head, *STORY]))
    assert [p.text for p in found if p.role == "body" and p.text not in head] == STORY


def test_a_pull_quote_costs_nothing_but_itself():
    quote = "“This is a disaster for all small businesses in town.”"
    found = layout("\n\n".join([*STORY[:2], f"Ana Ruiz, who owns a shop, said: {quote}", quote, *STORY[2:]]))
    assert [p.text for p in found if p.role == "body" and p.text != quote] == [
        *STORY[:2],
        f"Ana Ruiz, who owns a shop, said: {quote}",
        *STORY[2:],
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ukraine will become a member of NATO, Mr. Stolt said.",
        "Finland is already a member of NATO.",
        "Italy was the only country to sign up for the Belt and Road.",
        "Customers can cancel at any time, the company said.",
        "The shop sold a subscription to 12 million users last year.",
        "The White House canceled the daily briefing on Tuesday.",
        "Beijing told officials to install the app on their phones.",
        "The ban takes effect on Sunday, Jan. 19.",
        "Sources said the deal was off",
        "By Tuesday the app had gone dark",
        "Updated guidance came in May 2031.",
        "Lawmakers said they want to see more.",
        "Video by a witness shows the moment that the bridge fell.",
        "Most lawmakers of the north backed the bill (62%); in the south fewer than half did so (48%)",
        "The US government declined to say what was discussed at the daily briefing, and the embassy kept silent about it too.",
    ],
)
def test_sentences_with_words_of_furniture_are_the_articles_own(sentence):
    found = layout("\n\n".join([*STORY[:3], sentence, *STORY[3:]]))
    assert [p.reason for p in found] == [""] * 6


@pytest.mark.parametrize("opener", ["Related", "Latest news", "Read next", "More on the ban"])
def test_an_article_goes_on_behind_a_box_at_two_short_paragraphs_of_its_own(opener):
    found = layout("\n\n".join([*STORY[:3], opener, "Storm closes the northern ferry line", *STORY[3:]]))
    aside = {opener, "Storm closes the northern ferry line"}
    assert [p.text for p in found if p.role == "body"] == [p for p in STORY if p not in aside]


@pytest.mark.parametrize(
    "subheading",
    [
        "Elsewhere, lawmakers want a ban",
        "Most read the ruling as a win for Congress",
        "More from the court is expected on Monday",
    ],
)
def test_subheadings_that_begin_as_lists_of_stories_do_open_none(subheading):
    found = layout("\n\n".join([*STORY[:3], subheading, *STORY[3:]]))
    assert [p.text for p in found if p.role == "body" and p.text != subheading] == STORY


@pytest.mark.parametrize(
    "line",
    [
        "Subject: SUPREME COURTS (94%); NATIONAL SECURITY & FOREIGN RELATIONS (90%); MOBILE APPLICATIONS (89%); LAW AND COURTS (78%)",
        "SUPREME COURTS (94%); NATIONAL SECURITY & FOREIGN RELATIONS (90%)",
        "Publication-Type: Newspaper", "Section: Section A; Page 1", "Byline: By David Arnes", "Load-Date: January 18, 2031", "End of Document",
        "Image source, Lumo Images", "Lumo Images", "Image caption, The court in winter", "SKIP ADVERTISEMENT", "Story continues below advertisement",
        "NORWIRE/Kevin Lamb", "The court in winter. (NW Photo/Jose Luis Mag)", "Show more", "10.15 GMT",
    ],
)  # fmt: skip
def test_fields_of_databases_and_lines_of_agencies_are_set_aside(line):
    found = layout("\n\n".join([*STORY[:3], line, *STORY[3:]]))
    assert [p.text for p in found if p.role == "aside"] == [line]


def test_hard_wraps_behind_spaces_are_wraps():
    words = " ".join(STORY).split()
    lines = [" ".join(words[i : i + 8]) for i in range(0, len(words), 8)]
    assert len(layout(" \n".join(lines))) == 1


HARBOUR = [
    "Fishing crews in Ebrin blocked the harbour on Monday with forty boats and a raft of burning tyres.",
    "They want the government to drop its plan for a second container terminal before the winter season.",
    "The port authority said that ships were waiting outside and that food prices would soon begin to rise.",
    "A court in the capital will decide on Thursday whether the police may tow away the first of the boats.",
    "Several towns along the coast have sent bread, coal and blankets to the people on board since the weekend.",
    "Economists have warned that each day without the port costs the country some nine million crowns this winter.",
]
LAW = "Copyright 2031 Ebrin Daily. All rights reserved."


def kept(*paragraphs: str, title: str | None = "x") -> list[str]:
    return [p.text for p in layout("\n".join(paragraphs), title) if p.role == BODY]


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize(
    "sentence",
    [
        "Police took Ana Ruiz away. She is a reporter for the Ebrin Daily.",
        "Ana Ruiz is a reporter for the Ebrin Daily.",
        "This article first appeared in the Birch Mail.",
    ],
)
def test_an_article_is_not_over_before_most_of_it_is_told(sentence: str, at: int):
    paragraphs = [*HARBOUR[:at], sentence, *HARBOUR[at:]]
    assert kept(*paragraphs) == paragraphs


@pytest.mark.parametrize("notice", [LAW, "© Ana Ruiz", "All rights reserved.", "Copyright Ebrin Daily."])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_line_of_the_law_in_the_middle_costs_nothing_but_itself(notice: str, at: int):
    assert kept(*HARBOUR[:at], notice, *HARBOUR[at:]) == HARBOUR


@pytest.mark.parametrize("notice", [LAW, "All rights reserved."])
def test_a_line_of_the_law_glued_to_a_sentence_in_the_middle_costs_nothing_but_itself(notice: str):
    assert kept(*HARBOUR[:2], f"{HARBOUR[2]} {notice}", *HARBOUR[3:]) == HARBOUR


@pytest.mark.parametrize(
    "notice", [LAW, "All rights reserved.", "© 2031 Ebrin Daily", "This story was first published in the Birch Mail."]
)
def test_a_line_of_the_law_behind_the_last_sentence_is_cut_off_alone(notice: str):
    text = "\n".join([*HARBOUR[:-1], f"{HARBOUR[-1]} {notice}"])
    found = layout(text, "x")
    assert [p.text for p in found if p.role == BODY] == HARBOUR
    assert [(p.text, p.reason) for p in found if p.role == ASIDE] == [(notice, AFTER_END)]
    assert all(text[p.start : p.end] == p.text for p in found)


@pytest.mark.parametrize(
    "own",
    [
        "Police took Ana Ruiz away. She is a reporter for the Ebrin Daily.",
        "The treaty keeps all rights reserved to the islands of the north.",
        "Reproduction without males has been seen in the fish of the lake.",
        "Disclaimer labels on the tickets were unlawful, the court found.",
        "This story first appeared to be a hoax, the mayor of Ebrin said.",
        "Copyright Act or not, the songs of the crews belong to the crews.",
    ],
)
def test_a_last_paragraph_with_words_of_an_end_in_it_is_kept(own: str):
    assert kept(*HARBOUR, own) == [*HARBOUR, own]


@pytest.mark.parametrize(
    "end",
    [
        "Ana Ruiz and Tom Okafor are reporters at the Ebrin Daily.",
        "About the author: Ana Ruiz has sailed on all the ferries of the coast.",
        "Reproduction in whole or part without permission is prohibited.",
        "Disclaimer - nothing on this page is a recommendation of any kind.",
    ],
)
def test_a_last_line_about_the_author_or_the_law_is_set_aside(end: str):
    assert kept(*HARBOUR, end) == HARBOUR


@pytest.mark.parametrize(
    "said",
    [
        '"We want a membership in the alliance before the end of the year," said the minister.',
        "“Our country will become a member in 2032, and nobody will stop us,” said President Lind.",
        "“We are ready to sign in Geneva on Monday,” the envoy told reporters.",
        "“We did not sign up for this war,” the mayor of Ebrin said.",
        "‘We did not sign up for this war,’ the mayor of Ebrin said.",
        "“If you agree to the ceasefire, we will stop,” the general said.",
        "“They gave us no legal advice before they took us,” one of the men said.",
        '"You cannot cancel at any time a treaty that we signed together," he said.',
        "“We ask you to give today,” said the head of the relief fund for Ebrin.",
        "“We had to sign up,” she said.",
        "“We are ready to sign in Geneva on Monday, and you know it very well.”",
        "“We are ready to sign in Geneva on Monday, and you know it very well.",
        "The crews were told that they could cancel at any time if they told us why, the envoy said.",
    ],
)
def test_what_somebody_says_to_somebody_is_not_addressed_to_the_reader(said: str):
    assert role_of(said) == (BODY, "")


@pytest.mark.parametrize(
    ("furniture", "reason"),
    [
        ("Sign up for “The Ebrin Letter” and have it sent to you each day.", "sign-in or subscription prompt"),
        ("Have you read “The Harbour”, our newsletter on ships and crews?", "newsletter box"),
        ("“The Harbour” is our newsletter on ships and on the crews.", "newsletter box"),
        ("If you want more, you can sign up for what readers say is the best of all.", "sign-in or subscription prompt"),
        ("By going on with “Read”, you agree to the terms of this site.", "legal note"),
    ],
)  # fmt: skip
def test_what_the_site_says_to_the_reader_is_furniture_whatever_stands_in_quotation_marks(furniture: str, reason: str):
    assert role_of(furniture) == (ASIDE, reason)


def test_a_summary_of_the_next_paragraph_is_set_aside_and_the_article_is_not():
    assert roles(HARBOUR[0], f"Summary: {HARBOUR[1]}", *HARBOUR[1:], title="x") == [BODY, ANNOUNCED, *[BODY] * 5]


def test_a_lead_behind_its_place_and_alone_is_kept_once():
    assert roles(f"EBRIN (Wire) - {HARBOUR[0]}", *HARBOUR, title="x") == [ANNOUNCED, *[BODY] * 6]
    assert roles(f"EBRIN (Wire) - {HARBOUR[0]}", HARBOUR[0], title="x") == [ANNOUNCED, BODY]
    two = [f"EBRIN (Wire) - {HARBOUR[0]}", HARBOUR[0], f"Summary: {HARBOUR[1]}", *HARBOUR[1:]]
    assert kept(*two) == HARBOUR


@pytest.mark.parametrize("short", [f"{HARBOUR[0][:62].rstrip()} ...", f"{HARBOUR[0][:60]}...", f"{HARBOUR[0][:60]}…"])
def test_a_lead_cut_short_is_set_aside_and_the_whole_one_is_kept(short: str):
    assert roles(short, *HARBOUR, title="x") == [ANNOUNCED, *[BODY] * 6]
    assert roles(*HARBOUR[:2], short, *HARBOUR[2:], title="x") == [BODY, BODY, REPEATED, *[BODY] * 4]
    assert roles(f"EBRIN — {HARBOUR[0]}", short, *HARBOUR, title="x") == [ANNOUNCED, ANNOUNCED, *[BODY] * 6]


def test_a_sentence_of_a_longer_paragraph_that_stands_again_alone_costs_nothing_but_the_copy():
    echo = "Nobody had asked the crews of Ebrin about it."
    found = roles(f"{HARBOUR[0]} {echo}", HARBOUR[1], echo, *HARBOUR[2:], title="x")
    assert found == [BODY, BODY, REPEATED, *[BODY] * 4]


def test_a_sentence_that_trails_off_is_no_copy():
    assert role_of("Ferrymen blocked the pier on Tuesday, and then they waited ...") == (BODY, "")


def test_one_teaser_opens_no_list_and_two_in_a_row_do():
    assert kept(*HARBOUR[:3], *COW, *HARBOUR[3:]) == [*HARBOUR[:3], COW[1], *HARBOUR[3:]]
    tail = "The museum is open every day but Monday from nine until the early evening."
    assert roles(*HARBOUR, *COW, "Museum", "2 hours ago", *CLOCK, tail, title="x")[6:] == [
        TEASER, TEASER, OTHER_STORIES, "byline, date or reading time", TEASER, TEASER, OTHER_STORIES,
    ]  # fmt: skip


def test_teasers_above_the_title_are_other_stories():
    assert kept(*COW, *CLOCK, TITLE_TEXT, *ARTICLE, title=TITLE_TEXT) == list(ARTICLE)


def test_a_page_of_closing_lines_alone_stays_the_articles_own():
    """Each asks whether the article is over, which costs a look at all that follows: after some the question is dropped."""
    lines = [
        line
        for i in range(60)
        for line in (f"The harbour of Ebrin lost {i} more boats to the storm on that day.", "Disclaimer:")
    ]
    found = kept(*lines)
    assert [line for line in lines if line.startswith("The harbour")] == [
        line for line in found if line.startswith("The harbour")
    ]
