"""What a bus keeps, and what a bridge has in its memory, is bounded however fast it comes."""
import pytest

from support.bus import fresh
from support.waiting import eventually

COMMANDS = 20_000


def peak_mib(bridge):
    with open(f"/proc/{bridge.pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


@pytest.mark.slow
@pytest.mark.parametrize("fields", [{"type": "cancel"}, {"type": "nonsense"}], ids=["carried-out", "rejected"])
def test_a_flood_of_commands_on_the_control_stream_waits_in_redis(launch, bus, fields):
    bridge = launch(bus)
    rest = bridge.resident_mib
    pipeline = bus.redis.pipeline(transaction=False)
    for number in range(COMMANDS):
        pipeline.xadd(bus.key("control"), {**fields, "id": f"flood-{number}"})
    pipeline.execute()
    eventually(lambda: bus.redis.xlen(bus.key("control")) == 0, "all were carried out", within=300)
    assert bus.redis.xlen(bus.key("deadletters")) == COMMANDS
    assert peak_mib(bridge) - rest < 30


def test_events_and_dead_letters_are_bounded_by_what_they_take(launch, bus):
    launch(bus, options=("--heartbeat-seconds", 0.3, "--lease-seconds", 1.5, "--max-event-bytes", 50_000, "--max-dead-letter-bytes", 100_000))
    entries = [bus.publish(("type", "nonsense"), ("note", "x" * 2_000)) for _ in range(300)]
    bus.wait_for_dead_letter(entries[-1])
    for name, limit in (("events", 50_000), ("deadletters", 100_000)):
        taken = lambda: bus.redis.memory_usage(bus.key(name), samples=0)
        # Redis drops whole nodes of some 4 KiB or none.
        eventually(lambda: taken() <= limit + 10_000, f"{name} are within about {limit} bytes")
        assert taken() > limit / 2
    assert bus.dead_letters_of(entries[-1])


def test_dead_letters_are_bounded_by_their_age(launch, bus):
    launch(bus, options=("--heartbeat-seconds", 0.3, "--lease-seconds", 1.5, "--dead-letter-retention-seconds", 1))
    entry = bus.publish(("type", "nonsense"))
    bus.rejection(entry)
    eventually(lambda: not bus.dead_letters(), "the dead letter is gone")


def test_a_reply_stream_with_one_answer_takes_about_a_kilobyte(shop):
    name = fresh("reply")
    shop.start("numbers", {"batch_size": 100}, reply_to=name)
    shop.wait_for_replies(name)
    # What MEMORY USAGE tells of a stream is some 370 bytes more than it takes.
    assert shop.redis.memory_usage(shop.key("replies", name), samples=0) < 1_400
    assert shop.redis.pttl(shop.key("replies", name)) > 3_500_000
    shop.start("numbers", {"batch_size": 100}, reply_to=name)
    assert len(shop.wait_for_replies(name, 2)) == 2


def test_a_program_that_waited_leaves_no_reply_stream_behind(command_line, bus, launch):
    launch(bus)
    done = command_line("start", "numbers", "--input", '{"batch_size":100}', "--wait", bus=bus)
    assert (done.returncode, done.stdout.strip()) == (0, "5050"), done.stderr
    assert list(bus.redis.scan_iter(match=bus.key("replies", "*"))) == []
    done = command_line("start", "numbers", "--input", '{"batch_size":100}', "--wait", "--reply-to", "desk", bus=bus)
    assert done.returncode == 0 and len(bus.replies("desk")) == 1, "one that others may read stays"
