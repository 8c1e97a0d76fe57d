"""What `outreach` ends with, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    BUG = 1
    NO_SUCH_THING = 3
    WRONG_INPUT = 4
    NOT_IN_THIS_STATE = 5
    NOT_ALLOWED = 6
    AWAY = 7
    NOT_YET = 8
    OUTCOME_UNKNOWN = 9
    NO_ANSWER_IN_TIME = 10


EXIT_CODE_HELP = """Exit codes: 0 done; 1 a bug on the server's side; 2 wrong usage; 3 there is no
such thing; 4 wrong input (every wrong field is told); 5 not in this state; 6 not allowed; 7 a
service is away; 8 not yet (the wait is told); 9 the outcome is unknown; 10 no
answer in time; 130 interrupted."""
