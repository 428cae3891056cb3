"""`cano-bridge dead-letters` and `workflows`: what an operator looks at when something did not start."""
import json
import re

from support.bridge import QUICK_LEASE
from support.waiting import eventually


def letters(bus):
    """All dead letters, the oldest first."""
    return [entry.decode() for entry, _ in bus.redis.xrange(bus.key("deadletters"))]


def reject(bus, count, input="nothing"):
    """Commands that no bridge can carry out, one after the other; their letters, once they are there."""
    for number in range(count):
        bus.publish(("type", "start"), ("workflow", "numbers"), ("id", f"numbers-{number}"), ("input", input))
        eventually(lambda: len(letters(bus)) == number + 1, "it is rejected")
    return letters(bus)


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_letters_are_listed_from_the_newest_on_and_found_by_code_and_workflow(launch, bus, cano):
    launch(bus)
    rejected = reject(bus, 3)
    bus.publish(("type", "cancel"), ("id", "no one"))
    eventually(lambda: len(letters(bus)) == 4, "it is rejected")
    found = lines(cano("dead-letters"))
    assert [one["letter"] for one in found[1:]] == rejected[::-1] and found[0]["error_code"] == "invalid_field"
    assert found[1]["command"] == {"type": "start", "workflow": "numbers", "id": "numbers-2", "input": "nothing"}
    assert [one["letter"] for one in lines(cano("dead-letters", "list", "--code", "invalid_input"))] == rejected[::-1]
    assert lines(cano("dead-letters", "list", "--workflow", "other")) == []
    table = cano("dead-letters", "list", "--table", "--limit", 1)
    assert [re.split("  +", line)[0] for line in table.stdout.splitlines()] == ["LETTER", found[0]["letter"]]
    assert "There are more than these 1" in table.stderr


def test_a_letter_is_shown_whole_and_as_text(launch, bus, cano, on_terminal):
    launch(bus)
    letter, = reject(bus, 1, input="\x1b[2J<b>nothing</b>")
    shown, = lines(cano("dead-letters", "show", letter))
    assert shown["command"]["input"] == "\x1b[2J<b>nothing</b>"
    with on_terminal("dead-letters", "show", letter) as terminal:
        assert terminal.exit_code() == 0
    assert "<b>nothing</b>" in terminal.text and "\x1b[2J" not in terminal.shown
    gone = cano("dead-letters", "show", "1-1")
    assert gone.returncode == 1 and "There is no dead letter 1-1" in gone.stderr
    wrong = cano("dead-letters", "show", "the last one")
    assert wrong.returncode == 64 and "names no letter" in wrong.stderr


def test_commands_are_published_again_once_the_cause_is_mended(launch, bus, cano):
    bridge = launch(bus)
    first, second, third = reject(bus, 3)
    done = cano("dead-letters", "requeue", second)
    assert json.loads(done.stdout) == {"requeue": 1, "passed_over": 0}
    eventually(lambda: len(letters(bus)) == 3 and second not in letters(bus), "it is rejected again")
    assert bridge.is_alive
    would = cano("dead-letters", "requeue", "--code", "invalid_input", "--dry-run")
    assert "3 letters would be requeued" in would.stderr and len(letters(bus)) == 3
    assert [one["letter"] for one in lines(would)] == letters(bus), "as lines of JSON on a pipe"
    table = cano("dead-letters", "requeue", first, "--dry-run", "--table")
    assert [re.split("  +", line)[0] for line in table.stdout.splitlines()] == ["LETTER", first] and "1 letter would be" in table.stderr
    asked = cano("dead-letters", "requeue", "--all")
    assert asked.returncode == 64 and "--yes" in asked.stderr
    done = cano("dead-letters", "requeue", "--all", "--yes")
    assert json.loads(done.stdout) == {"requeue": 3, "passed_over": 0}, "those that come meanwhile are left"
    eventually(lambda: len(letters(bus)) == 3 and not bus.entries("commands"), "they are rejected once more")


def test_a_person_is_asked_before_many_letters_are_removed(launch, bus, on_terminal):
    launch(bus)
    reject(bus, 3)
    with on_terminal("dead-letters", "delete", "--workflow", "numbers") as terminal:
        terminal.wait_for("Delete 3 letters? [y/N]")
        terminal.type("n\n")
        terminal.wait_for("Nothing was done.")
        assert terminal.exit_code() == 0
    assert len(letters(bus)) == 3
    with on_terminal("dead-letters", "delete", "--workflow", "numbers") as terminal:
        terminal.wait_for("[y/N]")
        terminal.type("y\n")
        terminal.wait_for("3 letters were deleted.")
        assert terminal.exit_code() == 0
    assert not letters(bus)
    with on_terminal("dead-letters", "delete", "--all") as terminal:
        assert terminal.exit_code() == 0, "there is nothing to ask about"
    assert "0 letters were deleted." in terminal.text and "[y/N]" not in terminal.text


def test_letters_are_published_again_by_what_their_runs_are_found_by_and_a_bar_shows_how_far_that_is(bus, cano, on_terminal):
    for number in range(1_200):
        customer = "c-1" if number % 3 else "c-2"
        bus.redis.xadd(bus.key("deadletters"), {
            "type": "start", "workflow": "numbers", "id": f"n-{number}", "input": "1", "attributes": json.dumps({"customer": customer}),
            "error_code": "unknown_workflow", "error_message": "No.", "entry": "1-1", "bridge": "b"}, id=f"{1_795_000_000_000 + number}-1")
    bus.redis.xadd(bus.key("deadletters"), {
        "type": "cano.run.schedule", "specversion": "1.0", "subject": "numbers", "name": "nightly", "attributes": '{"customer":"c-2"}',
        "error_code": "unknown_workflow", "error_message": "No.", "entry": "1-1", "bridge": "b"})
    both = cano("dead-letters", "requeue", "--where", "customer=c-1", "--since", "2026-11-18T11:06:40.300Z", "--until", "2026-11-18T11:06:40.306Z",
                "--dry-run")
    assert [one["command"]["id"] for one in lines(both)] == ["n-301", "n-302", "n-304", "n-305"], both.stderr
    assert lines(cano("dead-letters", "--workflow", "numbers", "--where", "customer=c-2", "--limit", 1))[0]["command"]["name"] == "nightly"
    wrong = cano("dead-letters", "requeue", "--where", "customer")
    assert wrong.returncode == 64 and "--where" in wrong.stderr
    with on_terminal("dead-letters", "requeue", "--where", "customer=c-1") as terminal:
        terminal.wait_for("Requeue 800 letters? [y/N] ")
        terminal.type("y\n")
        assert terminal.exit_code() == 0
    assert "[##############################] 800 of 800" in terminal.text and "800 letters were requeued." in terminal.text
    assert len(letters(bus)) == 401 and bus.redis.xlen(bus.key("commands")) == 800


def test_the_letter_of_a_quarantined_run_stays_and_says_what_to_do(bus, cano):
    bus.redis.xadd(bus.key("deadletters"), {
        "type": "start", "workflow": "numbers", "id": "poison", "input": "1", "error_code": "poison", "error_message": "It kills.",
        "entry": "1-1", "bridge": "b"})
    bus.redis.xadd(bus.key("deadletters"), {
        "type": "start", "workflow": "numbers", "id": "other", "input": "1", "error_code": "invalid_input", "error_message": "No.",
        "entry": "1-2", "bridge": "b"})
    done = cano("dead-letters", "requeue", "--all", "--yes")
    assert done.returncode == 1 and json.loads(done.stdout) == {"requeue": 1, "passed_over": 1}
    assert "resume the run" in done.stderr and "1 letter was passed over." in done.stderr
    assert len(letters(bus)) == 1 and len(bus.entries("commands")) == 1


def test_a_letter_that_is_gone_does_not_keep_the_others(launch, bus, cano):
    launch(bus)
    first, second = reject(bus, 2)
    done = cano("dead-letters", "delete", first, "1-1", second)
    assert done.returncode == 1 and json.loads(done.stdout) == {"delete": 2, "passed_over": 1}
    assert "There is no dead letter 1-1" in done.stderr and not letters(bus)


def test_letters_are_named_or_filtered_and_not_both(cano):
    for arguments, words in (((), "Name the letters"), (("1-1", "--all"), "not both"), (("--all", "--code", "x"), "not both")):
        done = cano("dead-letters", "requeue", *arguments)
        assert done.returncode == 64 and words in done.stderr


def test_workflows_are_listed_with_their_bridges_and_runs_also_those_that_no_bridge_has(launch, launch_trial, bus, cano):
    trial = launch_trial(bus)
    bridge = launch(bus)
    bus.start("trial-watch", {"watch": {"for": ["go"]}}, id="waits")
    bus.wait_for_waiting("waits")
    bus.start("numbers", {"batch_size": 3}, id="later", delay_ms=600_000)
    bus.start("numbers", {"batch_size": 3}, id="any", version=bus.version("numbers"), delay_ms=600_000)
    for id in ("later", "any"):
        bus.wait_for(id, status="scheduled")
    found = {(one["workflow"], one.get("version")): one for one in lines(cano("workflows"))}
    version = bus.version("numbers")
    assert found["numbers", version] == {
        "workflow": "numbers", "version": version, "bridges": [bridge.id], "running": 0, "waiting": 0, "scheduled": 1}
    assert found["numbers", None] == {"workflow": "numbers", "bridges": [], "running": 0, "waiting": 0, "scheduled": 1}
    assert found["trial-watch", "1"]["waiting"] == 1 and found["trial-watch", "1"]["bridges"] == [trial.id]
    trial.terminate()
    assert trial.exit_code(within=10) == 0
    only = lines(cano("workflows", "--workflow", "trial-watch"))
    assert [one["version"] for one in only] == ["1"]
    row, = [line for line in cano("workflows", "--table").stdout.splitlines() if line.startswith("trial-watch")]
    assert re.split("  +", row)[:5] == ["trial-watch", "1", "0", "0", "1"] and "no bridge has it" in row


def test_the_graph_of_a_workflow_is_drawn_also_once_its_bridge_is_gone(launch, launch_trial, bus, cano):
    trial = launch_trial(bus)
    launch(bus)
    eventually(lambda: bus.redis.hexists(bus.key("graphs"), "trial-watch@1"), "its graph is published")
    trial.terminate()
    assert trial.exit_code(within=10) == 0
    drawn = cano("workflows", "--graph", "mermaid", "--workflow", "trial-watch")
    assert drawn.returncode == 0, drawn.stderr
    first, kind, *rest = drawn.stdout.splitlines()
    assert (first, kind) == ("%% trial-watch@1", "flowchart TD")
    assert rest[:2] == ['    s0["take"]', '    s1{{"watch<br/>Watching"}}'] and rest[3:] == ['    s3(["sent"])', "    s1 --> s2", "    s1 --> s1"], rest
    every = cano("workflows", "--graph", "dot").stdout
    assert every.count("digraph workflow {") == bus.redis.hlen(bus.key("graphs")) and f"// numbers@{bus.version('numbers')}\n" in every
    none = cano("workflows", "--graph", "mermaid", "--workflow", "other")
    assert none.returncode == 1 and "No bridge has published such a graph" in none.stderr and not none.stdout
    assert cano("workflows", "--graph", "mermaid", "--json").returncode == 64


def test_graphs_come_back_once_redis_has_lost_them(launch, bus):
    launch(bus, options=QUICK_LEASE)
    eventually(lambda: bus.redis.hlen(bus.key("graphs")) > 0, "they are published")
    before = bus.redis.hgetall(bus.key("graphs"))
    bus.redis.delete(bus.key("graphs"))
    eventually(lambda: bus.redis.hgetall(bus.key("graphs")) == before, "they are published again")
