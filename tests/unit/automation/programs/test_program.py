"""automation.programs.program: what an edit makes of a program."""

from automation.programs.program import ProgramEdit, ProgramMode, etag_of, new_settings

SETTINGS = new_settings("Spring", time_zone="Europe/Berlin")


def test_a_program_begins_by_looking_only() -> None:
    """Nobody is contacted until somebody says so."""
    assert SETTINGS.mode is ProgramMode.DRY_RUN


def test_an_edit_changes_what_it_names() -> None:
    """Times are the timetable's, the rest is its own."""
    after = ProgramEdit(changes={"plan_per_day": 3, "daily_minute": 420}).of(SETTINGS)

    assert (after.plan_per_day, after.timetable.daily_minute) == (3, 420)
    assert (after.name, after.timetable.time_zone) == ("Spring", "Europe/Berlin")


def test_of_two_who_have_read_the_same_the_second_is_refused() -> None:
    """Unless what they change is so already."""
    read = etag_of(SETTINGS)
    first = ProgramEdit(etag=read, changes={"plan_per_day": 3})
    other = ProgramEdit(etag=read, changes={"plan_per_day": 4})
    after = first.of(SETTINGS)

    assert first.is_of(SETTINGS)
    assert not other.is_of(after)
    assert first.is_of(after)
