"""Cron times, checked against croniter; and what is due when clocks are changed, against Python's own time zones.

The program under test is `cron-times` (Tests/CronTimes), linked as what is released, and started alone from an empty folder: a
statically linked program has to bring its time zones along.
"""

import os
import random
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from croniter.croniter import CroniterBadDateError

ROOT = Path(__file__).resolve().parents[2]
UTC = timezone.utc
SECONDS, MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS = (0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)
MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAY_NAMES = "sun mon tue wed thu fri sat".split()

# Zones whose clocks are changed at various hours, by various amounts, and in 2011 by a whole day.
ZONES = [
    "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "Asia/Beirut",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Africa/Casablanca", "UTC",
]  # fmt: skip


@pytest.fixture(scope="session")
def ask(tmp_path_factory):
    program = Path(os.environ.get("CANO_CRON_TIMES", ROOT / ".build/debug/cron-times"))
    alone = tmp_path_factory.mktemp("alone")
    shutil.copy(program, alone / "cron-times")

    def ask(questions):
        lines = "".join(f"{zone}\t{text}\t{start}\t{count}\n" for zone, text, start, count in questions)
        done = subprocess.run(["./cron-times"], cwd=alone, input=lines, capture_output=True, text=True, timeout=300, check=True, env={})
        answers = done.stdout.splitlines()
        assert len(answers) == len(questions)
        return answers

    return ask


def milliseconds(moment):
    return round(moment.timestamp()) * 1000


def field(chance, bounds, names=None):
    low, high = bounds

    def value():
        number = chance.randint(low, high)
        return names[number - low] if names and chance.random() < 0.5 else str(number)

    def part():
        kind = chance.random()
        if kind < 0.45:
            return value()
        if kind < 0.6:
            return f"*/{chance.randint(1, high)}"
        if kind < 0.65 and bounds != WEEKDAYS:
            # The last day of the week is Saturday here, and Sunday there: CronExpressionTests has that.
            return f"{chance.randint(low, high)}/{chance.randint(1, high)}"
        first, last = sorted(chance.sample(range(low, high + 1), 2))
        if kind < 0.85:
            return f"{first}-{last}"
        return f"{first}-{last}/{chance.randint(1, high)}"

    if chance.random() < 0.4:
        return "*"
    return ",".join(part() for _ in range(chance.choice([1, 1, 1, 2, 3])))


def expression(chance, with_seconds):
    fields = [
        field(chance, MINUTES), field(chance, HOURS), field(chance, DAYS),
        field(chance, MONTHS, MONTH_NAMES), field(chance, WEEKDAYS, DAY_NAMES),
    ]  # fmt: skip
    return ([field(chance, SECONDS)] if with_seconds else []) + fields


def reference(fields, start):
    """croniter has the seconds last, and other ideas of which fields of days are restricted: so it is told."""
    fields = fields[1:] + fields[:1] if len(fields) == 6 else list(fields)
    for index, days in ((2, 31), (4, 7)):
        alone = ["0", "0", "*", "*", "*"]
        alone[index] = fields[index]
        values = croniter.expand(" ".join(alone))[0][index]
        if values == ["*"] or len({value % days for value in values}) == days:
            fields[index] = "*"
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    return croniter(" ".join(fields), start, day_or=either, ret_type=datetime)


def test_utc_agrees_with_croniter(ask):
    chance = random.Random(20240229)
    questions, expected = [], []
    while len(questions) < 4000:
        fields = expression(chance, with_seconds=chance.random() < 0.3)
        start = datetime(2000, 1, 1) + timedelta(seconds=chance.randrange(30 * 365 * 86400))
        try:
            times = reference(fields, start)
            due = [times.get_next() for _ in range(4)]
        except CroniterBadDateError:
            continue
        questions.append(("UTC", " ".join(fields), milliseconds(start.replace(tzinfo=UTC)), 4))
        expected.append(" ".join(str(milliseconds(moment.replace(tzinfo=UTC))) for moment in due))
    wrong = [(q, e, a) for q, e, a in zip(questions, expected, ask(questions)) if a != e]
    assert not wrong, f"{len(wrong)} of {len(questions)}, the first: {wrong[:5]}"


def changes(zone):
    """The moments, to the second, at which the zone's offset changed from 2005 to 2023."""
    moment, found = datetime(2005, 1, 1, tzinfo=UTC), []
    while moment.year < 2024:
        later = moment + timedelta(days=1)
        if offset(moment, zone) != offset(later, zone):
            found.append(change_between(moment, later, zone))
        moment = later
    return found


def offset(moment, zone):
    return moment.astimezone(zone).utcoffset()


def change_between(low, high, zone):
    before = offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        low, high = (middle, high) if offset(middle, zone) == before else (low, middle)
    return high


def due_in_zone(fields, start, zone, count):
    """The due times by the rule in the documentation: croniter says what the wall shows, zoneinfo when it does."""
    is_hourly = fits_every_hour(fields[1])
    wall = start.astimezone(zone).replace(tzinfo=None) - timedelta(hours=4)
    times, due, end = reference(fields, wall), set(), None
    while True:
        shown = times.get_next()
        if end and shown > end:
            return sorted(due)[:count]
        moments = [shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        exists = moments[0].astimezone(zone).replace(tzinfo=None) == shown
        if not exists:
            moments = [] if is_hourly else [change_between(moments[1] - timedelta(seconds=1), moments[0], zone)]
        elif not is_hourly:
            moments = moments[:1]
        due.update(moment for moment in moments if moment > start)
        if len(due) >= count and not end:
            end = shown + timedelta(hours=4)


def test_changed_clocks_follow_the_rule(ask):
    chance = random.Random(20111230)
    questions, expected = [], []
    for name in ZONES:
        zone = ZoneInfo(name)
        moments = changes(zone) or [datetime(2020, 3, 1, tzinfo=UTC)]
        for _ in range(250):
            # In an hour where clocks are changed, every minute of which may be asked for; few seconds, to keep it quick.
            hours = chance.choice(["*", field(chance, (0, 3)), field(chance, (0, 4)), field(chance, HOURS)])
            fields = [chance.choice(["0", "*/15", "30", "5-50/9"]), hours, "*", "*", chance.choice(["*", "*", "0", "mon-fri"])]
            start = chance.choice(moments) - timedelta(seconds=chance.randrange(-2 * 3600, 30 * 3600))
            questions.append((name, " ".join(fields), milliseconds(start), 6))
            expected.append(" ".join(str(milliseconds(moment)) for moment in due_in_zone(fields, start, zone, 6)))
    assert len(questions) > 2500
    wrong = [(q, e, a) for q, e, a in zip(questions, expected, ask(questions)) if a != e]
    assert not wrong, f"{len(wrong)} of {len(questions)}, the first: {wrong[:5]}"


def fits_every_hour(hours):
    return len({hour for hour in range(24) if croniter.match(f"* {hours} * * *", datetime(2024, 1, 1, hour))}) == 24


@pytest.mark.parametrize("zone", ["Mars/Base", "CET", "GMT+2", "europe/nowhere", "../etc/passwd"])
def test_an_unknown_zone_is_an_error_and_never_utc(ask, zone):
    assert ask([(zone, "0 0 * * *", 0, 1)])[0].startswith(f'error unknown_time_zone there is no time zone "{zone}"')
