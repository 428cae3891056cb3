"""The program among others: pipes, files, signals, and what a stranger wrote."""
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from support.bus import fresh
from support.processes import end, spawn
from support.waiting import eventually


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(shop, binary):
    reading, writing = os.pipe()
    follower = subprocess.Popen([str(binary), "events", "--follow", "--redis", shop.server.url, "--prefix", shop.prefix],
                                stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    os.close(reading)
    try:
        def has_ended():
            # It is not known when it begins to listen: a new run each time.
            id = fresh("piped")
            shop.start("numbers", {"batch_size": 10}, id=id)
            shop.wait_for_end(id)
            return follower.poll() is not None

        eventually(has_ended, "the command has ended", every=0.1)
        assert (follower.poll(), follower.stderr.read()) == (0, b"")
    finally:
        end(follower)


def test_an_input_comes_from_a_file_or_from_standard_input(shop, binary, tmp_path):
    (tmp_path / "input.json").write_text('{"batch_size":100}')
    for source, text in ((f"@{tmp_path}/input.json", None), ("-", '{"batch_size":100}')):
        done = subprocess.run([str(binary), "start", "numbers", "--input", source, "--wait", "--redis", shop.server.url,
                               "--prefix", shop.prefix], input=text, capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stdout) == (0, "5050\n"), done.stderr


def test_a_start_that_no_bridge_can_take_says_so_while_it_waits(shop, command_line):
    done = command_line("start", "nombers", "--wait", "--timeout-seconds", "4")
    assert done.returncode == 1
    assert 'No live bridge has the workflow "nombers"' in done.stderr and "No answer came in time" in done.stderr


def test_a_start_that_waits_goes_on_while_redis_is_away(bus, binary, launch):
    waiting = spawn([str(binary), "start", "numbers", "--input", '{"batch_size":100}', "--wait", "--redis", bus.server.url],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        eventually(lambda: bus.redis.xlen(bus.key("commands")) == 1, "the start is published")
        bus.server.restart()
        launch(bus)
        assert waiting.communicate(timeout=30)[0] == b"5050\n"
    finally:
        end(waiting)


def test_what_a_stranger_wrote_moves_no_cursor(run, shop, command_line):
    id, record, _ = run("numbers", {"batch_size": 4})
    shop.redis.hset(shop.key("run", id), "cancel", "fine\x1b[2J\nstatus        completed")
    status = command_line("status", id).stdout
    assert "\x1b" not in status and status.count("\nstatus ") == 0 and r"fine\u001b[2J\u000a" in status
    events = command_line("events").stdout
    assert not [character for character in events if ord(character) < 32 and character != "\n"]
    done = command_line("start", "numbers", "--wait", "--input", '{"batch_size":"\x1b]0;owned\x07"}')
    assert done.returncode == 1 and "\x1b" not in done.stderr and "\x07" not in done.stderr


def test_a_bridge_that_waits_for_redis_stops_at_once(binary, tmp_path):
    with socket.socket() as silent:
        # It takes connections and never answers.
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with open(tmp_path / "log", "wb") as log:
            bridge = spawn([str(binary), "serve", "--samples", "--redis", f"redis://127.0.0.1:{silent.getsockname()[1]}"],
                           stdout=log, stderr=log)
        try:
            silent.accept()
            began = time.monotonic()
            bridge.terminate()
            assert bridge.wait(10) == 0
            assert time.monotonic() - began < 5
        finally:
            end(bridge)


def test_schedules_are_a_table_on_a_terminal_and_steered_there(launch, bus, cano, on_terminal):
    launch(bus)
    assert cano("schedule", "nightly", "numbers", "--cron", "30 3 * * *", "--input", '{"batch_size":4}').returncode == 0
    with on_terminal("schedules", "pause", "nightly") as terminal:
        assert terminal.exit_code() == 0 and "paused since " in terminal.text
    with on_terminal("schedules", "run", "nightly") as terminal:
        assert terminal.exit_code() == 0
    run = terminal.text.strip()
    assert bus.wait_for_end(run)["output"] == "10"
    with on_terminal("schedules") as terminal:
        assert terminal.exit_code() == 0
    headings, row = terminal.text.splitlines()
    assert headings.split() == ["NEXT", "SCHEDULE", "WORKFLOW", "DUE", "FIRED", "LAST", "LEFT", "OUT"]
    assert row.startswith("-  ") and "nightly" in row and "paused since " in row and "\x1b[33mpaused" in terminal.shown
    piped, = [json.loads(line) for line in cano("schedules").stdout.splitlines()]
    assert piped["name"] == "nightly" and piped["last_run"] == run and "paused" in piped
    with on_terminal("schedules", "resume", "nobody") as terminal:
        assert terminal.exit_code() == 1 and "There is no schedule" in terminal.text


def takes(thread, number):
    """Whether a thread does not block this signal."""
    blocked = next(line for line in (thread / "status").read_text().splitlines() if line.startswith("SigBlk:"))
    return not int(blocked.split()[1], 16) & 1 << (number - 1)


def test_a_second_signal_ends_a_bridge_that_drains(launch, bus):
    bridge = launch(bus, options=["--drain-seconds", 60])
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 60_000}, id="slow")
    bus.wait_for("slow", status="running")
    bridge.terminate()
    eventually(lambda: "the bridge stops" in bridge.output(), "it drains")
    # The one that takes all signals may be busy with the first for a while.
    assert sum(takes(thread, signal.SIGTERM) for thread in Path(f"/proc/{bridge.pid}/task").iterdir()) >= 2
    bridge.terminate()
    assert bridge.exit_code(within=10) == -signal.SIGTERM
    assert bus.record("slow")["status"] == "running", "another bridge takes it over"
