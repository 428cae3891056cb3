"""The admin server: probes, metrics, and who may ask."""
import json
import os
import re
import socket
import subprocess
import time

import pytest
import yaml

from support.admin import Admin, Prometheus, free_port, promtool
from support.bridge import REPOSITORY, Bridge
from support.bus import fresh
from support.waiting import eventually

QUICK = ("--heartbeat-seconds", 0.2, "--lease-seconds", 1)
TOKEN = "a-token-that-is-long-enough"
PAGE = (REPOSITORY / "docs" / "operations.md").read_text()
DASHBOARD = json.loads((REPOSITORY / "deploy" / "grafana" / "cano.json").read_text())
RULES = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]


@pytest.fixture
def admin():
    return Admin(free_port())


def with_admin(launch):
    """The same, and where an admin server was asked for it listens: a bridge may serve before."""
    def launch_with_admin(bus, options=(), env=None, **others):
        bridge = launch(bus, options=options, env=env, **others)
        given = [*map(str, options), "--admin", (env or {}).get("CANO_ADMIN", "")]
        if address := given[given.index("--admin") + 1]:
            host, port = address.split(":")
            eventually(Admin(int(port), host).is_up, "the admin server listens")
        return bridge

    return launch_with_admin


@pytest.fixture
def launch(launch):
    return with_admin(launch)


@pytest.fixture
def launch_trial(launch_trial):
    return with_admin(launch_trial)


def wait_until_ready(admin):
    eventually(lambda: admin.is_up() and admin.ready().status == 200, "the bridge is ready")


# Probes

def test_a_bridge_that_serves_is_alive_and_ready(launch, bus, admin):
    launch(bus, options=admin.options)
    live, ready = admin.get("/health/live"), admin.ready()
    assert (live.status, live.json) == (200, {"status": "alive"})
    assert ready.status == 200 and ready.headers["content-type"] == "application/json" and ready.headers["cache-control"] == "no-store"
    assert ready.json == {"status": "ready", "checks": {
        name: {"ok": True} for name in ("redis", "scripts", "intake", "draining", "resources")}}
    assert admin.get("/health/ready", method="HEAD").status == 200
    assert admin.get("/nothing").status == 404


def test_without_redis_it_is_alive_and_not_ready_and_is_ready_again_afterwards(launch, bus, admin):
    launch(bus, options=[*admin.options, *QUICK])
    with bus.server.paused():
        began = time.monotonic()
        ready = admin.ready()
        assert time.monotonic() - began < 2, "a probe does not wait long"
        assert ready.status == 503 and "not answered within" in ready.failed["redis"]
        eventually(lambda: {"redis", "scripts"} <= admin.ready().failed.keys(), "no script is answered either")
        assert admin.get("/health/live").status == 200
    wait_until_ready(admin)
    bus.server.stop(brutally=True)
    eventually(lambda: admin.ready().status == 503, "Redis has ended")
    bus.server.start()
    wait_until_ready(admin)


def test_before_redis_is_there_the_intake_does_not_run(binary, bus, bridges, admin):
    bus.server.stop()
    bridge = Bridge(binary, bus, options=admin.options)
    bridges.append(bridge)
    bridge.spawn()
    eventually(admin.is_up, "the admin server is there before Redis is")
    assert admin.ready().failed.keys() == {"redis", "scripts", "intake"}
    bus.server.start()
    wait_until_ready(admin)


def test_while_it_drains_it_is_alive_and_says_so_to_the_end(launch, bus, admin):
    bridge = launch(bus, options=[*admin.options, "--drain-seconds", 3, "--grace-seconds", 1])
    run = fresh("slow")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 60_000}, id=run)
    bus.wait_for(run, status="running")
    bridge.terminate()
    eventually(lambda: admin.ready().status == 503, "the bridge drains")
    assert admin.ready().failed.keys() == {"draining"}
    assert admin.get("/health/live").status == 200
    assert bridge.exit_code(within=8) == 0
    assert not admin.is_up()


def test_a_client_that_reads_nothing_does_not_keep_the_process(launch, bus, admin):
    bridge = launch(bus, options=admin.options)
    with socket.create_connection((admin.host, admin.port)) as idle, socket.create_connection((admin.host, admin.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        deaf.sendall(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n" * 500)
        idle.sendall(b"GET /hea")
        bridge.terminate()
        assert bridge.exit_code(within=8) == 0


def test_tasks_that_block_every_thread_keep_no_probe_waiting(launch_trial, bus, admin):
    launch_trial(bus, options=admin.options)
    count = 4 * (os.cpu_count() or 1)
    bus.start_all([{"workflow": "trial", "id": fresh("block"), "input": {"at": "first", "deed": "block"}} for _ in range(count)])
    eventually(lambda: admin.metrics()("cano_bridge_runs_started_total", workflow="trial"), "a run has begun")
    for _ in range(5):
        began = time.monotonic()
        assert admin.get("/health/live", within=2).status == 200 and admin.get("/metrics", within=2).status == 200
        assert time.monotonic() - began < 2


# Metrics

def test_metrics_move_with_runs(launch, bus, admin):
    launch(bus, max_runs=32, options=[*admin.options, *QUICK])
    before = admin.metrics()
    assert before("cano_bridge_rejections_total", code="unknown_workflow") == 0, "what has not happened is there as 0"
    ids = [fresh("numbers") for _ in range(20)]
    bus.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 4}} for id in ids])
    bus.wait_for_end(*ids)
    failed = fresh("order")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "charge"}, id=failed)
    bus.wait_for_end(failed)
    bus.wait_for_dead_letter(bus.start("numbers", {"batch_size": "many"}))
    bus.publish(("type", "nonsense"))
    waiting, scheduled = fresh("remote"), fresh("later")
    bus.start("remote-steps", {"queue": "invoices", "steps": 1}, id=waiting)
    bus.start("numbers", {"batch_size": 1}, id=scheduled, delay_ms="3600000")
    bus.wait_for_waiting(waiting)
    bus.wait_for(scheduled, status="scheduled")

    def told():
        found = admin.metrics()
        return found if found("cano_bus_tasks_waiting", queue="invoices") == 1 and found.total("cano_bridge_rejections_total") == 2 \
            and found("cano_bus_dead_letters") == 2 and found("cano_bus_runs", workflow="numbers", status="scheduled") == 1 else None

    after = eventually(told, "what has happened is told")
    assert after("cano_bridge_runs_started_total", workflow="numbers") == 20
    assert after("cano_bridge_runs_ended_total", workflow="numbers", status="completed") == 20
    assert after("cano_bridge_runs_ended_total", workflow="order-fulfilment", status="failed") == 1
    assert after("cano_bridge_run_duration_seconds_count", workflow="numbers") == 20
    assert after("cano_bridge_rejections_total", code="invalid_input") == 1
    assert after("cano_bridge_rejections_total", code="unknown_type") == 1
    assert after("cano_bus_runs", workflow="remote-steps", status="waiting") == 1
    assert 0 <= after("cano_bus_oldest_task_waiting_seconds", queue="invoices") < 60
    assert after("cano_bridge_slots") == 32 and after("cano_redis_up") == 1 and after("cano_bus_bridges") == 1
    stories = bus.stories()
    assert after("cano_bridge_events_published_total") == sum(len(stories[id]) for id in [*ids, failed, waiting, scheduled])
    assert after("cano_bridge_script_duration_seconds_count", script="accept") == 23
    assert 0 < after("cano_bridge_script_duration_seconds_sum", script="commit") < 60
    assert after("cano_workflow_runs_total", outcome="completed") == 20, "the engine's are there as well"
    # A start that waits is the backlog.
    bus.start("of-no-bridge", {})
    backlog = eventually(lambda: (found := admin.metrics())("cano_bus_commands_waiting", stream="commands") == 1 and found, "it waits")
    assert backlog("cano_bus_oldest_command_seconds", stream="commands") < 60


def test_takeovers_are_counted(launch, bus, admin):
    first = launch(bus, options=QUICK)
    killed = fresh("killed")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 1_500}, id=killed)
    bus.wait_for(killed, status="running")
    launch(bus, options=[*admin.options, *QUICK])
    first.kill()
    bus.wait_for_end(killed)
    metrics = admin.metrics()
    assert metrics("cano_bridge_claims_total", kind="takeover") == 1 and metrics("cano_bridge_recoveries_total") == 1
    assert metrics("cano_bridge_leases_renewed_total") >= 1 and metrics("cano_bridge_leases_lost_total") == 0


def test_schedules_tell_how_late_they_are_and_what_they_leave_out(launch, bus, admin):
    launch(bus, options=[*admin.options, *QUICK])
    bus.schedule("often", workflow="order-fulfilment", every_ms=1_000, overlap="skip",
                 input={"sku": "A1", "quantity": 1, "delay_ms": 5_000})
    metrics = eventually(
        lambda: (found := admin.metrics())("cano_bridge_schedule_skips_total") >= 1 and found, "a due time was left out")
    assert metrics("cano_bridge_schedule_firings_total") >= 1 and metrics("cano_bus_schedules") == 1
    assert metrics("cano_bridge_schedule_lag_seconds_count") >= 1 and metrics("cano_bridge_schedule_lag_seconds_sum") < 5


def test_the_exposition_is_what_promtool_wants_and_what_the_page_says(launch, bus, admin):
    launch(bus, options=[*admin.options, *QUICK])
    run = fresh("numbers")
    bus.start("numbers", {"batch_size": 4}, id=run)
    bus.wait_for_end(run)
    answer = admin.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    checked = promtool("check", "metrics", stdin=answer.text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    # The rows of the page: name, kind.
    told = dict(re.findall(r"^\| `(cano_\w+)` \| (\w+) \|", PAGE, re.M))
    for name, kind in admin.metrics().kinds.items():
        assert told[name] == kind


def test_nothing_is_served_and_nothing_recorded_unless_asked_for(launch, bus, admin):
    bridge = launch(bus)
    assert not admin.is_up()
    with open(f"/proc/{bridge.pid}/net/tcp") as sockets:
        assert f":{admin.port:04X}" not in sockets.read()


# What watches them

def queries():
    """Those of the dashboard, with its variables as Grafana fills them in for all bridges and workflows."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield re.sub(r"\$__rate_interval", "1m", re.sub(r"\$(instance|workflow)\b", ".*", target["expr"]))


def measured(expression):
    """What an alert measures: all before its last comparison, and before what it says of series that are not there."""
    return re.fullmatch(r"(.*) (?:>|<|==) [\d.]+(?: or absent\(.*\))?", expression)[1]


@pytest.mark.slow
def test_every_query_of_the_dashboard_and_every_alert_finds_its_series_in_a_real_prometheus(launch, launch_trial, bus):
    admins = [Admin(free_port()) for _ in range(2)]
    bridges = [launch(bus, options=[*admin.options, *QUICK]) for admin in admins]
    other = launch_trial(bus, options=[*QUICK, "--drain-seconds", 0.1, "--grace-seconds", 0.1])
    bus.start("trial", {}, id=fresh("unserved"), delay_ms="1500")
    bus.start("remote-steps", {"queue": "invoices", "steps": 1}, id=fresh("remote"))
    bus.schedule("often", workflow="numbers", every_ms=1_000, input={"batch_size": 1})
    eventually(lambda: bus.listed("timers"), "the run is to start later")
    other.terminate()
    prometheus = Prometheus(admins)
    try:
        prometheus.wait_until_up()
        everything = [*queries(), *(measured(rule["expr"]) for rule in RULES)]
        missing = set(everything)

        def all_found():
            bus.start("numbers", {"batch_size": 1}, id=fresh("numbers"))
            bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "charge"}, id=fresh("order"))
            missing.difference_update([one for one in missing if prometheus.query(one)])
            return not missing

        try:
            eventually(all_found, "every query finds something", within=60, every=0.5)
        finally:
            assert not missing
        # What nothing happened of alarms no one.
        assert "CanoRedisAway" not in prometheus.alerts() and "CanoRunsUnserved" in prometheus.alerts()
        bridges[0].kill()
        eventually(lambda: "CanoBridgeDown" in prometheus.alerts(), "the alert of a dead bridge is pending", within=30)
        assert "CanoNoBridge" not in prometheus.alerts()
        bridges[1].kill()
        eventually(lambda: "CanoNoBridge" in prometheus.alerts(), "the alert of no bridge at all is pending", within=30)
    finally:
        prometheus.close()


def test_every_alert_says_what_to_do():
    checked = promtool("check", "rules", REPOSITORY / "deploy" / "prometheus" / "alerts.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for rule in RULES:
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"]["summary"].endswith(".") and rule["annotations"]["action"].endswith("."), rule["alert"]
        names = set(re.findall(r"cano_\w+", rule["expr"]))
        assert names or rule["alert"] in ("CanoBridgeDown", "CanoNoBridge")
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("up, fires", [({"a": 0, "b": 0}, True), ({}, True), ({"a": 0, "b": 1}, False)])
def test_an_alert_says_that_no_bridge_lives(tmp_path, up, fires):
    rule, = (rule for rule in RULES if rule["alert"] == "CanoNoBridge")
    expected = {"exp_labels": {"severity": "critical", **({} if up else {"job": "cano"})}, "exp_annotations": rule["annotations"]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({
        "rule_files": [str(REPOSITORY / "deploy" / "prometheus" / "alerts.yaml")],
        "evaluation_interval": "15s",
        "tests": [{
            "interval": "15s",
            "input_series": [{"series": f'up{{job="cano", instance="{name}"}}', "values": f"{value}x20"} for name, value in up.items()],
            "alert_rule_test": [{"eval_time": "2m", "alertname": "CanoNoBridge", "exp_alerts": [expected] if fires else []}],
        }]}))
    done = promtool("test", "rules", tmp_path / "test.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


# Who may ask

@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    return file


def test_a_token_is_asked_for_metrics_and_not_for_probes(launch, bus, token_file):
    admin = Admin(free_port(), host="0.0.0.0")
    launch(bus, options=[*admin.options, "--admin-token-file", token_file])
    assert admin.get("/health/live").status == 200 and admin.ready().status == 200
    for headers in ({}, {"authorization": "Bearer " + TOKEN[:-1]}, {"authorization": "Bearer " + TOKEN + "x"}, {"authorization": TOKEN}):
        refused = admin.get("/metrics", headers=headers)
        assert refused.status == 401 and refused.headers["www-authenticate"] == "Bearer" and "cano_" not in refused.text
    assert "cano_redis_up" in admin.get("/metrics", headers={"authorization": "Bearer " + TOKEN}).text


def serve(binary, *options, **variables):
    return subprocess.run(
        [str(binary), "serve", "--samples", *map(str, options)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        env={**os.environ, **variables})


def test_an_address_or_a_token_that_will_not_do_is_refused_with_what_to_give(binary, tmp_path, token_file):
    short = tmp_path / "short"
    short.write_text("secret")
    for options, sentence in (
        (["--admin", "9464"], "give a host and a port, such as 127.0.0.1:9464"),
        (["--admin", "127.0.0.1:99999"], "give a host and a port"),
        (["--admin", "0.0.0.0:9464"], "needs a token: give its file with --admin-token-file, or listen on 127.0.0.1:9464"),
        (["--admin", "[::]:9464"], "needs a token"),
        (["--admin", "bridge.example:9464"], "needs a token"),
        (["--admin-token-file", token_file], "say with --admin where to listen"),
        (["--admin", "0.0.0.0:9464", "--admin-token-file", tmp_path / "none"], "can't be read"),
        (["--admin", "0.0.0.0:9464", "--admin-token-file", short], "make one with openssl rand -hex 32"),
    ):
        done = serve(binary, *options)
        assert done.returncode == 64 and sentence in re.sub(r"\s+", " ", done.stderr), (options, done.stderr)
        assert "secret" not in done.stderr
    done = serve(binary, CANO_ADMIN="0.0.0.0:9464")
    assert done.returncode == 64 and "needs a token" in done.stderr


def test_an_address_that_is_taken_ends_the_program_with_the_reason(binary, bus, admin):
    with socket.socket() as taken:
        taken.bind((admin.host, admin.port))
        taken.listen()
        done = serve(binary, "--redis", bus.server.url, *admin.options)
    assert done.returncode == 1 and f"can't listen on {admin.host}:{admin.port}" in done.stderr and "Choose another" in done.stderr
    assert "another program" in done.stderr and "bind(" not in done.stderr


def test_the_environment_names_the_address_and_the_token_too(launch, bus, admin, token_file):
    launch(bus, env={**os.environ, "CANO_ADMIN": f"{admin.host}:{admin.port}", "CANO_ADMIN_TOKEN_FILE": str(token_file)})
    assert admin.ready().status == 200 and admin.get("/metrics").status == 401
