"""Dates as publishers write them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.corpus.dates import AMBIGUOUS, MISSING, OK, UNREADABLE, read_date

THE_DAY = datetime.date(2031, 7, 14)


@pytest.mark.parametrize(
    "raw",
    [
        "2031-07-14", "20310714", "2031-07-14T23:30:00", "2031-07-14 23:30", "2031-07-14T23:30:00Z", "2031-07-14T23:30:00-11:00", "2031/07/14", "2031.07.14",
        "14/07/2031", "14.7.2031", "07/14/2031", "7-14-2031", " 14 July 2031 ", "14 Jul 2031", "14 JULY 2031", "July 14, 2031", "Jul 14 2031", "Jul. 14, 2031",
        "14th July 2031", "July 14th, 2031", "Mon, 14 Jul 2031", "Monday, July 14, 2031", "monday 14 july 2031", "14. July 2031",
        "14-Jul-31", "14-jul-31 10:15", "20310714221500", "20310714T221500Z", "20310714 at 10:30", "Mon, 20310714", "1941796800", "1941796800000", "14.07.2031 22:15",
    ],
)  # fmt: skip
def test_one_day_is_read_however_it_is_written(raw: str):
    assert read_date(raw) == (THE_DAY, OK)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("Sept. 5, 2031", (2031, 9, 5)),
        ("5 Sept 2031", (2031, 9, 5)),
        ("Sep 5 2031", (2031, 9, 5)),
        ("September 5, 2031", (2031, 9, 5)),
        ("06/06/2031", (2031, 6, 6)),
        ("29/02/2032", (2032, 2, 29)),
        ("2031-12-31T23:59:59+14:00", (2031, 12, 31)),
        ("0001-01-01", (1, 1, 1)),
        ("9999-12-31", (9999, 12, 31)),
        ("May 3, 2031", (2031, 5, 3)),
        ("Thursday, 1st May 2031", (2031, 5, 1)),
        ("05.07.2031", (2031, 7, 5)),
        ("5.7.2031 10:15", (2031, 7, 5)),
        ("07.14.2031", (2031, 7, 14)),
        ("1-Feb-00", (2000, 2, 1)),
        ("1-Feb-68", (2068, 2, 1)),
        ("1-Feb-69", (1969, 2, 1)),
        ("1-Feb-99", (1999, 2, 1)),
        ("19991231235959", (1999, 12, 31)),
        ("1234567890", (2009, 2, 13)),
    ],
)
def test_the_day_is_that_of_the_publisher(raw: str, day: tuple[int, int, int]):
    assert read_date(raw) == (datetime.date(*day), OK)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", MISSING), ("  \t", MISSING),
        ("06/07/2031", AMBIGUOUS), ("12-11-2031", AMBIGUOUS), ("6/7/2031 10:30", AMBIGUOUS),
        ("13/13/2031", UNREADABLE), ("00/07/2031", UNREADABLE), ("30/02/2031", UNREADABLE), ("2031-02-30", UNREADABLE), ("2031-07", UNREADABLE),
        ("2031", UNREADABLE), ("14/07/31", UNREADABLE), ("last Monday", UNREADABLE), ("NA", UNREADABLE), ("None", UNREADABLE), ("Monday", UNREADABLE),
        ("14 Brumaire 2031", UNREADABLE), ("July 14, 2031" + " " * 100_000 + "x", UNREADABLE), ("July 14, 2031 " * 100, UNREADABLE), ("31 June 2031", UNREADABLE), ("\x00", UNREADABLE), ("\ud800", UNREADABLE),
    ],
)  # fmt: skip
def test_a_date_that_is_not_one_day_is_not_guessed(raw: str, status: str):
    assert read_date(raw) == (None, status)


@given(
    raw=st.text()
    | st.text("0123456789/.-T:Z+ JanSeptMonday,")
    | st.from_regex(r"\d{1,4}[./-]\d{1,4}[./-]\d{1,5}", fullmatch=True)
)
def test_any_text_is_a_day_or_one_of_three_reasons(raw: str):
    day, status = read_date(raw)
    assert (day is not None) == (status == OK)
    assert status in (OK, MISSING, AMBIGUOUS, UNREADABLE)
    assert (status == MISSING) == (not raw.strip())


@given(day=st.dates(min_value=datetime.date(1000, 1, 1)))
def test_a_numeric_date_is_the_day_or_ambiguous_never_another_day(day: datetime.date):
    for form in ("%d/%m/%Y", "%m/%d/%Y"):
        found, status = read_date(day.strftime(form))
        if day.day > 12 or day.day == day.month:
            assert (found, status) == (day, OK)
        else:
            assert (found, status) == (None, AMBIGUOUS)


@given(
    day=st.dates(min_value=datetime.date(1000, 1, 1)),
    form=st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y", "%b. %d, %Y"]),
)
def test_a_date_with_its_month_in_words_is_that_day(day: datetime.date, form: str):
    assert read_date(day.strftime(form)) == (day, OK)


@pytest.mark.parametrize(
    "raw",
    ["January 17, 2025 Friday", "Fri, 17 Jan 2025 10:00:00 GMT", "2025-01-17 10:00:00 UTC", "17-Jan-2025", "1/17/2025 0:00", "17/01/2025 10:30",
     "Jan 17, 2025 5:30 pm", "2025-1-17", "2025 Jan 17", "1737072000000", "2025-01-17T10:00:00Z", "17 January 2025 at 10:15 GMT"],
)  # fmt: skip
def test_days_with_a_time_or_a_weekday_and_stamps_are_read(raw):
    assert read_date(raw) == (datetime.date(2025, 1, 17), "ok")


@pytest.mark.parametrize(
    "raw",
    ["173707200000", "17370720000000", "2025011710", "203111", "203112", "311112", "1122031", "203111 10:30", "Mon 203111", "20311314221500",
     "20310714251500", "20310230221500", "203107142215", "203107142215000", "20311332", "2031711"],
)  # fmt: skip
def test_other_rows_of_digits_are_no_days(raw):
    assert read_date(raw) == (None, "unreadable")


@pytest.mark.parametrize(
    ("raw", "day_first", "month_first"),
    [
        ("01/07/2031", (2031, 7, 1), (2031, 1, 7)),
        ("1-7-2031", (2031, 7, 1), (2031, 1, 7)),
        ("01.07.2031", (2031, 7, 1), (2031, 1, 7)),
        ("Tue 01/07/2031 10:15", (2031, 7, 1), (2031, 1, 7)),
        ("07/07/2031", (2031, 7, 7), (2031, 7, 7)),
        ("25/07/2031", (2031, 7, 25), None),
        ("07.25.2031", None, (2031, 7, 25)),
        ("31/06/2031", None, None),
        ("2031-07-01", (2031, 7, 1), (2031, 7, 1)),
        ("2031/07/01", (2031, 7, 1), (2031, 7, 1)),
        ("1 July 2031", (2031, 7, 1), (2031, 7, 1)),
        ("July 1, 2031", (2031, 7, 1), (2031, 7, 1)),
        ("01-Jul-31", (2031, 7, 1), (2031, 7, 1)),
    ],
)
def test_a_stated_order_decides_on_dates_in_numbers_and_on_no_other(raw, day_first, month_first):
    for order, day in (("dmy", day_first), ("mdy", month_first)):
        assert read_date(raw, order) == ((datetime.date(*day), OK) if day else (None, UNREADABLE))


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match=r"'dmy', 'mdy' or '', but 'ymd' was passed"):
        read_date("01/07/2031", "ymd")


@given(raw=st.from_regex(r"[0-9]{1,7}|[0-9]{9}", fullmatch=True))
def test_digits_that_are_not_eight_are_no_day(raw: str):
    assert read_date(raw) == (None, UNREADABLE)
