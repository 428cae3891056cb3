"""Settings that cannot be used are refused with what to do; those that can are kept to."""
import subprocess

import pytest

from support.waiting import eventually


@pytest.mark.parametrize("option", [
    "--lease-seconds", "--heartbeat-seconds", "--drain-seconds", "--grace-seconds", "--abandon-seconds",
    "--retention-seconds", "--failed-retention-seconds", "--event-retention-seconds", "--dead-letter-retention-seconds",
    "--reply-retention-seconds"])
def test_a_bridge_refuses_seconds_that_cannot_be_counted(binary, option):
    for value in ("nan", "inf", "1e30", "-1", "soon"):
        done = subprocess.run([str(binary), "serve", "--samples", f"{option}={value}"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 64, done.stderr
        assert option in done.stderr and "Give a number of seconds from 0 to 1000000000" in done.stderr


def test_a_bridge_refuses_to_keep_nothing(binary, shop):
    done = subprocess.run([str(binary), "serve", "--samples", "--redis", shop.server.url, "--retention-seconds", "0"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "for a second at least" in done.stderr


@pytest.mark.parametrize("arguments", [
    ("start", "numbers", "--delay-seconds"), ("start", "numbers", "--limit-seconds"), ("start", "numbers", "--timeout-seconds"),
    ("cancel", "a", "--timeout-seconds"), ("resume", "a", "--timeout-seconds"), ("unschedule", "a", "--timeout-seconds"),
    ("schedule", "a", "numbers", "--every-seconds"), ("schedule", "a", "numbers", "--jitter-seconds"),
])
def test_a_command_refuses_seconds_that_cannot_be_counted(command_line, arguments):
    for value in ("nan", "1e30", "-1"):
        done = command_line(*arguments[:-1], f"{arguments[-1]}={value}")
        assert done.returncode == 64, done.stderr
        assert "Give a number of seconds" in done.stderr


def test_a_failed_run_is_kept_longer_than_others_unless_told_otherwise(bus, launch):
    launch(bus)
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "charge"}, id="failed")
    bus.start("numbers", {"batch_size": 4}, id="completed")
    day = 24 * 3_600
    for id, days in (("failed", 7), ("completed", 1)):
        bus.wait_for_end(id)
        assert days * day - 60 < bus.redis.ttl(bus.key("run", id)) <= days * day


def test_a_record_goes_after_the_retention_time_and_its_id_is_free_again(bus, launch, command_line):
    launch(bus, options=("--retention-seconds", 1))
    for count, size, output in ((1, 4, 10), (2, 100, 5050)):
        bus.start("numbers", {"batch_size": size}, id="again", reply_to="desk")
        answer = bus.wait_for_replies("desk", count)[-1]
        assert (answer.kind, answer.data["output"]) == ("run.completed", output)
        eventually(lambda: not bus.record("again"), "the record is gone")
    assert command_line("status", "again", bus=bus).returncode == 1
