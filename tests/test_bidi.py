"""What sets a direction of writing reaches no further than it should."""

import pytest

from framing.bidi import direction, isolated, plain, settled

ARABIC = "\u0635\u062d\u064a\u0641\u0629"
HEBREW = "\u05e2\u05d9\u05ea\u05d5\u05df"


@pytest.mark.parametrize("char", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_what_sets_a_direction_is_taken_out_of_a_name(char):
    assert plain(f"{char}Evil{char} Post") == isolated(f"{char}Evil{char} Post") == "Evil Post"


@pytest.mark.parametrize("name", ["Alder Post", "\u00dcml*out*", "\u65b0\u805e 24", "a\u200db", "e\u0301", ""])
def test_names_from_left_to_right_stay_as_they_are(name):
    assert plain(name) == isolated(name) == settled(name) == name


@pytest.mark.parametrize("name", [ARABIC, HEBREW, f"{ARABIC} 24", f"Post {HEBREW}", "Post\u200f", "Post \u0662"])
def test_names_with_anything_from_right_to_left_are_isolated(name):
    assert isolated(name) == isolated(isolated(name)) == f"\u2068{name}\u2069"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\u202eEvil", "Evil"),
        (f"a \u2068{ARABIC}\u2069 b", f"a \u2068{ARABIC}\u2069 b"),
        (f"\u2067a \u2068{ARABIC}\u2069 b\u2069", f"\u2067a \u2068{ARABIC}\u2069 b\u2069"),
        ("a \u2067b", "a b"),
        ("a \u2069b\u2067", "a b"),
        ("\u2067\u202eab\u202c\u2069", "\u2067ab\u2069"),
    ],
)
def test_isolates_stay_where_each_is_closed(text, left):
    assert settled(text) == left


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Words", "ltr"),
        (f"{ARABIC} words", "rtl"),
        (f"12: {HEBREW}", "rtl"),
        (f"{isolated(ARABIC)} lies closest", "ltr"),
        (f"{isolated(ARABIC)} {HEBREW}", "rtl"),
        (f"\u2069{HEBREW}", "rtl"),
        ("12", "ltr"),
    ],
)
def test_the_direction_is_that_of_the_first_letter_outside_isolates(text, found):
    assert direction(text) == found
