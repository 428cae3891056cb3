"""Each kind of program works under the access control list that docs/security.md gives it, and says what is missing under a smaller one."""
import json
import re
import subprocess
import time

import pytest
import redis

from support.admin import Admin, free_port
from support.bridge import QUICK_LEASE, REPOSITORY
from support.bus import fresh
from support.history import History
from support.processes import end, spawn
from support.waiting import eventually

PAGE = (REPOSITORY / "docs" / "security.md").read_text()
RULES = {match[1]: match[2].split() for match in re.finditer(r"ACL SETUSER cano-(\w+) (on [^`]*)```", PAGE)}


def allow(server, role, without=()):
    """Makes the user of a role, as the page says, and gives the URL that it connects with."""
    rules = [rule.replace("SECRET", role) for rule in RULES[role] if rule not in without]
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", f"cano-{role}", "reset", *rules)
    return f"redis://cano-{role}:{role}@127.0.0.1:{server.port}"


def refused(server):
    """What was refused to anyone: (user, command or key)."""
    with server.client() as admin:
        return [(entry["username"], entry["object"]) for entry in admin.acl_log()]


@pytest.fixture
def cano(binary, server):
    """`cano(url, "status", …)`: the command line, under the user of that URL."""
    def run(url, *arguments):
        return subprocess.run([str(binary), *arguments, "--redis", url], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)

    return run


def test_the_page_has_a_rule_for_each_role():
    assert set(RULES) == {"bridge", "producer", "sender", "worker", "reader", "history", "operator"}
    for rules in RULES.values():
        assert not [rule for rule in rules if rule.startswith("+@")], "commands, and no categories that grow with Redis"


def test_bridges_do_all_their_work_under_their_rules(bus, server, launch_trial):
    """Runs, sagas, shared stores, timers, schedules, takeovers, hand-backs, cancellations, rejections, housekeeping."""
    url = allow(server, "bridge")
    options = [*QUICK_LEASE, "--max-events", 50, "--unknown-workflow-seconds", 1]
    first, second = (launch_trial(bus, url=url, options=options) for _ in range(2))
    ends = {fresh(): ("completed", {"workflow": "trial", "input": {"delay_ms": 50, "tally": True}}) for _ in range(20)}
    ends |= {fresh(): ("failed", {"workflow": "trial-saga", "input": {"at": "send", "deed": "fail"}}) for _ in range(5)}
    ends |= {fresh(): ("completed", {"workflow": "trial-march", "reply_to": "me"}) for _ in range(3)}
    ends |= {fresh(): ("completed", {"workflow": "trial", "delay_ms": 300})}
    bus.start_all([dict(command, id=id, input=command.get("input", {})) for id, (_, command) in ends.items()])
    bus.start("trial", {}, id=next(iter(ends)), reply_to="again")
    unknown = bus.start("unknown", {})
    bus.rejection(bus.start("trial", "no JSON"))
    failed = next(id for id, (end, _) in ends.items() if end == "failed")
    bus.wait_for_end(*ends, within=60)
    assert {id: bus.record(id)["status"] for id in ends} == {id: end for id, (end, _) in ends.items()}
    bus.rejection(bus.resume(failed, reply_to="me"))

    # What is under way when its bridge dies, is cancelled, and is handed back.
    slow = {"delay_ms": 1_500, "tally": True}
    dying, cancelled, later = ([fresh() for _ in range(3)] for _ in range(3))
    bus.start_all([{"workflow": "trial", "id": id, "input": slow} for id in dying])
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 60_000}} for id in cancelled])
    eventually(lambda: set(bus.statuses(dying + cancelled)) == {"running"}, "all are under way")
    bus.answer(bus.schedule("tick", workflow="trial", input={}, every_ms=300), "tick")
    for id in cancelled:
        bus.cancel(id)
    bus.cancel(later[0])
    first.kill()
    bus.wait_for_end(*dying, *cancelled, within=60)
    assert set(bus.statuses(dying)) == {"completed"} and set(bus.statuses(cancelled)) == {"cancelled"}
    eventually(lambda: len(bus.firings("tick")) >= 3, "the schedule fires")
    bus.answer(bus.unschedule("tick"), "tick")
    bus.start_all([{"workflow": "trial", "id": id, "input": slow} for id in later[1:]])
    eventually(lambda: set(bus.statuses(later[1:])) == {"running"}, "they are under way")
    third = launch_trial(bus, url=url, options=options)
    second.terminate()
    assert second.exit_code(within=40) == 0
    bus.wait_for_end(*later[1:], within=60)
    bus.rejection(unknown, within=60)
    eventually(lambda: bus.redis.xlen(bus.key("events")) < 1_000, "housekeeping was done")
    beat = lambda: bus.redis.zscore(bus.key("bridges"), third.id)
    began = beat()
    eventually(lambda: beat() > began + 1_000, "a few heartbeats have passed")
    assert third.is_alive
    assert refused(server) == []
    assert "NOPERM" not in first.output() + second.output() + third.output()


def test_producers_start_and_wait_under_their_rules(bus, server, launch, cano):
    url = allow(server, "producer")
    launch(bus)
    done = cano(url, "start", "numbers", "--id", "n", "--input", '{"batch_size":4}', "--wait")
    assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr
    again = cano(url, "start", "numbers", "--id", "n", "--input", '{"batch_size":4}', "--wait")
    assert (again.returncode, again.stdout) == (0, "10\n"), again.stderr
    order = '{"sku":"A1","quantity":1,"await_payment":true}'
    assert cano(url, "start", "order-fulfilment", "--id", "o", "--input", order).returncode == 0
    bus.wait_for_waiting("o")
    assert cano(url, "cancel", "o").returncode == 0
    bus.wait_for("o", status="cancelled")
    assert "completed" in cano(url, "status", "n").stdout
    failing = '{"sku":"A1","quantity":1,"fail_at":"charge"}'
    assert cano(url, "start", "order-fulfilment", "--id", "f", "--input", failing, "--wait").returncode == 1
    cano(url, "resume", "f")
    with redis.Redis.from_url(url, decode_responses=True) as producer:
        assert producer.hget("cano:run:n", "output") == "10"
        assert producer.zrangebyscore("cano:workflows", 0, "+inf")
    assert refused(server) == []


def test_producers_may_not_read_what_is_others(server, bus):
    with redis.Redis.from_url(allow(server, "producer")) as producer:
        for attempt in (lambda: producer.xrange("cano:commands"), lambda: producer.hgetall("cano:store:tally"),
                        lambda: producer.hset("cano:run:x", "status", "completed"), producer.flushall):
            with pytest.raises(redis.exceptions.NoPermissionError):
                attempt()


def test_senders_of_signals_publish_them_and_do_nothing_else(server, cano):
    url = allow(server, "sender")
    sent = cano(url, "signal", "order-42", "approved", "--data", '{"by":"ann"}', "--message-id", "mail/7")
    assert (sent.returncode, sent.stdout) == (0, "order-42\n"), sent.stderr
    with redis.Redis(port=server.port, decode_responses=True) as admin, redis.Redis.from_url(url, decode_responses=True) as sender:
        (_, fields), = admin.xrange("cano:control")
        assert fields == {"type": "signal", "id": "order-42", "name": "approved", "data": '{"by":"ann"}', "message_id": "mail/7"}
        assert refused(server) == []
        for attempt in (lambda: sender.xadd("cano:commands", fields), lambda: sender.xrange("cano:control"),
                        lambda: sender.hgetall("cano:run:order-42"), lambda: sender.xread({"cano:events": 0})):
            with pytest.raises(redis.exceptions.NoPermissionError):
                attempt()


def test_readers_follow_events_under_their_rules(bus, server, launch, cano):
    url = allow(server, "reader")
    launch(bus)
    id = fresh()
    bus.start("numbers", {"batch_size": 4}, id=id)
    bus.wait_for_end(id)
    done = cano(url, "events", "--json")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()][-1] == "cano.run.completed"
    with redis.Redis.from_url(url, decode_responses=True) as reader:
        reader.xgroup_create("cano:events", "billing", id="0", mkstream=True)
        (_, entries), = reader.xreadgroup("billing", "me", {"cano:events": ">"})
        reader.xautoclaim("cano:events", "billing", "other", min_idle_time=0)
        assert reader.xack("cano:events", "billing", *[entry for entry, _ in entries]) == len(entries)
        assert reader.hgetall(f"cano:run:{id}")["output"] == reader.hget(f"cano:run:{id}", "output") == "10"
        (last, _), = reader.xrevrange("cano:events", count=1)
        assert reader.xread({"cano:events": 0})[0][1][-1][0] == last
    assert refused(server) == []


def test_a_history_is_kept_under_its_rules(bus, server, launch, binary, tmp_path):
    url = allow(server, "history")
    launch(bus)
    ids = [fresh() for _ in range(5)]
    bus.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 4}} for id in ids])
    bus.wait_for_end(*ids)
    bus.redis.xtrim(bus.key("events"), maxlen=4, approximate=False)  # the records are needed, too
    history = History(binary, bus, tmp_path / "history.sqlite", url=url).start()
    try:
        history.wait_until_level()
        assert set(history.runs()) == set(ids)
    finally:
        history.close()
    assert refused(server) == []


def test_operators_work_under_their_rules(bus, server, launch, cano):
    url = allow(server, "operator")
    launch(bus)
    bus.redis.zadd(bus.key("queues"), {"payments": bus.now()})
    bus.redis.xgroup_create(bus.key("tasks", "payments"), "workers", id="0", mkstream=True)
    for arguments in (["schedule", "tick", "numbers", "--input", '{"batch_size":4}', "--every-seconds", "1", "--overlap", "allow"],
                      ["schedules"], ["schedules", "pause", "tick"], ["schedules", "run", "tick"], ["schedules", "resume", "tick"],
                      ["unschedule", "tick"],
                      ["start", "numbers", "--input", '{"batch_size":4}', "--id", "n", "--wait"], ["status", "n"], ["events"],
                      ["tasks"], ["tasks", "--queue", "payments"], ["runs"], ["runs", "--where", "a=b", "--since", "1h"],
                      ["workflows"], ["workflows", "--graph", "mermaid"], ["dead-letters"], ["dead-letters", "requeue", "--all", "--yes"],
                      ["status", "n", "--timeline"], ["resume", "--status", "failed", "--yes"], ["cancel", "--workflow", "numbers", "--yes"]):
        done = cano(url, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    doctor = cano(url, "doctor")
    assert doctor.returncode in (0, 2), (doctor.stdout, doctor.stderr)
    found = {one["subject"]: one for one in map(json.loads, doctor.stdout.splitlines())}
    assert "can't be told" in found["rights"]["finding"] and found["server"]["severity"] == "fine"
    # What it tried on the way and may do without.
    assert {what for _, what in refused(server)} <= {"acl|whoami", "acl|dryrun"}
    with server.client() as admin:
        admin.acl_log_reset()
        admin.execute_command("ACL", "SETUSER", "cano-operator", "+acl|whoami", "+acl|dryrun")
    told = {one["subject"]: one for one in map(json.loads, cano(url, "doctor").stdout.splitlines())}
    assert told["rights"]["finding"] == "cano-operator may do the work of operators, and not that of bridges"
    letter, = [bus.wait_for_dead_letter(bus.start("numbers", "no JSON"))[0]]
    for verb in (["show", letter], ["requeue", letter], ["delete", "--all", "--yes"]):
        done = cano(url, "dead-letters", *verb)
        assert done.returncode == 0, (verb, done.stderr)
    entry = bus.start("numbers", "no JSON")
    bus.wait_for_dead_letter(entry)
    with redis.Redis.from_url(url, decode_responses=True) as operator:
        (found, letter), = operator.xrange("cano:deadletters")
        assert operator.xadd("cano:commands", letter) and operator.xdel("cano:deadletters", found) == 1
        assert operator.xpending("cano:commands", "bridges")["pending"] >= 0
        assert operator.xinfo_groups("cano:commands")
        assert set(operator.scan_iter(match="cano:*", count=1_000)) >= {"cano:run:n", "cano:bridges"}
        assert operator.zrange("cano:bridges", 0, -1)
        assert operator.zscore("cano:bridges", operator.zrange("cano:bridges", 0, 0)[0]) and operator.zcard("cano:bridges") == 1
        assert operator.hget("cano:run:n", "status") == operator.hmget("cano:run:n", "status")[0] == "completed"
        assert operator.type("cano:log:n") == "none" and operator.llen("cano:log:n") == 0 and operator.lrange("cano:log:n", 0, -1) == []
        assert operator.xlen("cano:events") > 1 and operator.xrevrange("cano:events", count=1)
        operator.info("memory")
    assert refused(server) == []


def test_a_bridge_that_may_not_call_info_says_what_it_cannot_check(bus, server, launch):
    bridge = launch(bus, url=allow(server, "bridge", without=["+info"]))
    assert "can't be checked" in bridge.output() and "+info" in bridge.output()
    id = fresh()
    bus.start("numbers", {"batch_size": 4}, id=id)
    assert bus.wait_for_end(id)["output"] == "10"


PAGE_PATHS = ("/", "/runs", "/run?id=n", "/queues", "/schedules", "/dead-letters", "/workflows", "/bridges")


def test_the_pages_of_a_bridge_need_what_the_page_says_and_the_log_says_that_it_is_missing(bus, server, launch):
    pages = Admin(free_port())
    url = allow(server, "bridge")
    bridge = launch(bus, url=url, options=pages.options)
    eventually(lambda: "the pages can't show the bus" in bridge.output(), "the log says so")
    bus.start("numbers", {"batch_size": 4}, id="n")
    bus.wait_for_end("n")
    assert "NOPERM" in pages.get("/").text
    more = re.search(r"ACL SETUSER cano-bridge (\+pttl [^`]*)```", PAGE)[1].split()
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "cano-bridge", *more)
        admin.acl_log_reset()
    assert [path for path in PAGE_PATHS if pages.get(path).status != 200] == []
    assert [what for user, what in refused(server) if what not in ("acl|whoami", "acl|dryrun")] == []
    needless = []
    for rule in more:
        with server.client() as admin:
            admin.execute_command("ACL", "SETUSER", "cano-bridge", "-" + rule[1:])
            admin.acl_log_reset()
        other = Admin(free_port())
        with_less = launch(bus, url=url, options=other.options)
        eventually(other.is_up, "the admin server listens")
        for path in PAGE_PATHS:
            other.get(path)
        if rule[1:] not in [what for _, what in refused(server)]:
            needless.append(rule)
        with_less.kill()
        with server.client() as admin:
            admin.execute_command("ACL", "SETUSER", "cano-bridge", rule)
    assert needless == []


def test_pages_without_a_bridge_need_no_more_than_an_operator(bus, server, launch, binary, tmp_path):
    pages = Admin(free_port())
    launch(bus)
    bus.start("numbers", {"batch_size": 4}, id="n")
    bus.wait_for_end("n")
    with open(tmp_path / "log", "wb") as log:
        process = spawn([str(binary), "admin", "--redis", allow(server, "operator"), *pages.options], stdout=log, stderr=log)
    try:
        eventually(pages.is_up, "the pages are there")
        assert [path for path in PAGE_PATHS if pages.get(path).status != 200] == []
        assert [what for _, what in refused(server) if what not in ("acl|whoami", "acl|dryrun")] == []
    finally:
        end(process)
    assert "the pages can't show the bus" not in (tmp_path / "log").read_text()


def test_a_bridge_that_may_not_do_all_its_work_ends_at_its_start_with_all_rules_that_are_missing(bus, server, binary):
    """Or it would find out in the midst of a script, half of which would be done."""
    url = allow(server, "bridge", without=["+hset", "+xgroup|delconsumer", "+zadd"])
    done = subprocess.run([str(binary), "serve", "--samples", "--redis", url], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=30)
    assert done.returncode > 0
    assert "ACL SETUSER <user> +hset +zadd +xgroup|delconsumer." in done.stderr
    for missing in ("+eval", "~cano:*"):
        url = allow(server, "bridge", without=[missing])
        done = subprocess.run([str(binary), "serve", "--samples", "--redis", url], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=30)
        assert done.returncode > 0 and missing[:1] in done.stderr.split("ACL SETUSER <user> ")[1], done.stderr


@pytest.mark.parametrize("missing", ["+hmget", "+evalsha", "+xadd"])
def test_a_rule_that_is_taken_away_is_named_and_waited_for(bus, server, launch, missing):
    url = allow(server, "bridge")
    bridge = launch(bus, url=url)
    warm = fresh()
    bus.start("numbers", {"batch_size": 4}, id=warm)
    bus.wait_for_end(warm)
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "cano-bridge", missing.replace("+", "-"))
    id = fresh()
    bus.start("numbers", {"batch_size": 4}, id=id)
    eventually(lambda: f"ACL SETUSER <user> {missing}" in bridge.output(), "the log names the rule")
    allow(server, "bridge")
    assert bus.wait_for_end(id)["output"] == "10"


def test_a_password_that_is_changed_under_runs_is_waited_for(bus, server, launch_trial, gate):
    """Runs read a shared store and write their steps; neither fails while no connection is let in."""
    probe = Admin(free_port())
    bridge = launch_trial(bus, url=allow(server, "bridge"), options=[*QUICK_LEASE, *probe.options])
    ids = [fresh() for _ in range(10)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"gate": gate.path, "tally": True}} for id in ids])
    eventually(lambda: set(bus.statuses(ids)) == {"running"}, "all are under way")
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "cano-bridge", "resetpass", ">other")
        admin.execute_command("CLIENT", "KILL", "USER", "cano-bridge")
    eventually(lambda: "WRONGPASS" in bridge.output(), "it is not let in")
    # An attempt at a connection fails at once, and until the next one a probe has no answer: it says why all the same.
    for _ in range(5):
        assert "WRONGPASS" in probe.ready().failed["redis"]
    gate.open()
    # Their reads and writes wait: none has come any further.
    eventually(lambda: bridge.output().count("WRONGPASS") >= 3, "connections are tried again")
    assert bridge.is_alive and set(bus.statuses(ids)) == {"running"}
    allow(server, "bridge")
    bus.wait_for_end(*ids, within=60)
    assert set(bus.statuses(ids)) == {"completed"}
    assert {id: bus.redis.hget("cano:store:tally", id) for id in ids} == {id: b"3" for id in ids}


def test_a_bridge_with_a_wrong_password_ends_at_once(bus, server, binary, bridges):
    allow(server, "bridge")
    began = time.monotonic()
    done = subprocess.run([str(binary), "serve", "--samples", "--redis", f"redis://cano-bridge:wrong@127.0.0.1:{server.port}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode > 0 and time.monotonic() - began < 10
    assert "WRONGPASS" in done.stderr
    assert "wrong@" not in done.stderr
