"""The record is the truth about a run, and it is kept, with what belongs to it, as long as promised."""
import json

from support.bus import CLOCK_ERROR, fresh, milliseconds
from support.waiting import eventually

DAY = 86_400_000
WEEK = 7 * DAY
FIELDS = set("""workflow version status state epoch bridge entry events rows recoveries input output error rollback
    resumable reply_to traceparent tracestate not_before expires_at timeout_ms deadline cancel created started updated
    finished""".split())
ORDER = {"sku": "A1", "quantity": 2}


def test_a_completed_record_has_the_contracts_fields(run, shop):
    id, record, story = run("numbers", {"batch_size": 100})
    assert {"workflow", "version", "status", "state", "epoch", "bridge", "entry", "events", "rows", "input", "output",
            "created", "started", "updated", "finished"} <= record.keys() <= FIELDS
    assert all(record.values()), "a field without a value is absent"
    assert not record.keys() & {"error", "resumable", "reply_to", "traceparent", "tracestate", "cancel", "deadline"}
    assert record["workflow"] == "numbers"
    assert record["version"] == shop.version("numbers")
    assert (record["status"], record["state"], record["epoch"]) == ("completed", "done", "1")
    assert record["bridge"] == story[0].bridge and record["bridge"] in shop.bridges()
    assert record["events"] == "3"
    assert (record["input"], record["output"]) == ('{"batch_size":100}', "5050")
    assert record.get("recoveries", "0") == "0"
    times = [int(record[name]) for name in ("created", "started", "finished")]
    assert times == sorted(times)
    assert int(record["started"]) <= int(record["updated"])
    assert milliseconds(record["entry"]) - CLOCK_ERROR <= times[0], "created before it was asked for"
    assert times[-1] <= milliseconds(story[-1].entry) + CLOCK_ERROR


def test_a_completed_run_leaves_its_record_for_the_retention_time_and_nothing_else(run, shop):
    id, _, _ = run("order-fulfilment", ORDER)
    assert 0 < shop.redis.pttl(shop.key("run", id)) <= DAY
    assert not shop.redis.exists(shop.key("log", id), shop.key("runstore", id))
    assert shop.lease(id) is None
    own = {key.decode() for key in shop.redis.scan_iter(match=f"*{id}*", count=1000)}
    assert own == {shop.key("run", id)}


def test_a_failed_record_has_its_error_and_can_be_resumed(run, shop):
    id, record, story = run("order-fulfilment", dict(ORDER, fail_at="reserve"))
    assert record.keys() <= FIELDS
    assert "output" not in record
    assert (record["status"], record["state"]) == ("failed", "reserve")
    assert (record["rollback"], record["resumable"]) == ("none", "1")
    assert json.loads(record["error"]) == story[-1].data["error"]
    assert shop.lease(id) is None


def test_a_run_that_was_undone_whole_is_over_and_keeps_only_its_record(run, shop):
    id, record, _ = run("order-fulfilment", dict(ORDER, fail_at="ship"))
    assert (record["rollback"], record["resumable"]) == ("clean", "0")
    assert DAY < shop.redis.pttl(shop.key("run", id)) <= WEEK
    assert not shop.redis.exists(shop.key("log", id), shop.key("runstore", id))
    assert not shop.redis.hexists(shop.key("store", "warehouse"), id), "no goods are put aside"
    assert not shop.redis.hexists(shop.key("store", "payments"), id), "no money is taken"


def test_a_completed_order_leaves_its_goods_and_its_payment_in_the_shared_stores(run, shop):
    id, _, _ = run("order-fulfilment", ORDER)
    assert json.loads(shop.redis.hget(shop.key("store", "warehouse"), id)) == {"sku": "A1", "quantity": 2}
    payment = json.loads(shop.redis.hget(shop.key("store", "payments"), id))
    assert payment["items"] == 2 and payment["reference"]


def test_a_failed_run_keeps_its_log_as_long_as_its_record(run, shop):
    id, record, _ = run("order-fulfilment", dict(ORDER, fail_at="reserve"))
    assert shop.log_length(id) == int(record["rows"]) > 0
    terms = [shop.redis.pttl(shop.key(kind, id)) for kind in ("run", "log")]
    assert all(DAY < term <= WEEK for term in terms), terms
    assert max(terms) - min(terms) < 1_000


def test_a_running_record_is_leased_and_has_no_end(trials, gate):
    id = fresh()
    trials.start("trial", {"gate": gate.path}, id=id)
    record = eventually(lambda: trials.record(id), "the record is there")
    assert (record["status"], record["state"]) == ("running", "first")
    assert not record.keys() & {"finished", "output", "error", "rollback", "resumable"}
    lease = trials.lease(id)
    assert lease > milliseconds(record["entry"]), "owned until some time to come"
    assert trials.redis.pttl(trials.key("run", id)) == -1, "a run that has not ended does not expire"
    gate.open()
    trials.wait_for_end(id)
    assert trials.lease(id) is None


def test_each_state_is_in_the_record_once_it_is_committed(shop):
    id, seen = fresh(), []
    shop.start("order-fulfilment", dict(ORDER, delay_ms=1_000), id=id)

    def ended():
        record = shop.record(id)
        if record and (not seen or seen[-1] != record["state"]):
            seen.append(record["state"])
        return record.get("status") == "completed"

    eventually(ended, "the order has been shipped")
    assert seen == ["reserve", "charge", "ship", "shipped"]


def test_bridges_advertise_themselves_and_what_they_can_run(shop):
    seconds, _ = shop.redis.time()
    for bridge in shop.bridges():
        able = {workflow for workflow, _, owner in shop.workflows() if owner == bridge}
        assert {"numbers", "order-fulfilment"} <= able
        assert abs(shop.redis.zscore(shop.key("bridges"), bridge) - seconds * 1000) < 30_000
    expiries = [score for _, score in shop.redis.zrange(shop.key("workflows"), 0, -1, withscores=True)]
    assert max(expiries) > seconds * 1000
