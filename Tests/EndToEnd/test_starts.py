"""A start command that XADD acknowledged runs to one end, and its result is where the contract says."""
import json
import warnings

from support.bus import fresh
from support.event import TERMINAL
from support.invariants import check_run, check_runs
from support.waiting import eventually


def test_a_thousand_starts_over_two_bridges_end_exactly_once_each_with_the_right_sum(shop):
    mark = shop.mark()
    sizes = {fresh("many"): number % 200 + 1 for number in range(1000)}
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": n}} for id, n in sizes.items()])
    shop.wait_for_end(*sizes, within=60)

    stories = check_runs(shop, sizes, after=mark)
    assert stories.keys() == sizes.keys()
    for id, n in sizes.items():
        assert [event.kind for event in stories[id]] == ["run.started", "state.entered", "run.completed"]
        assert stories[id][-1].data["output"] == n * (n + 1) // 2
        assert shop.record(id)["output"] == str(n * (n + 1) // 2)
    shop.wait_until_quiet()

    shares = {bridge: sum(story[0].bridge == bridge for story in stories.values()) for bridge in shop.bridges()}
    if 0 in shares.values():
        warnings.warn(f"one bridge took everything: {shares}")


def test_a_start_without_an_id_runs_under_its_entry_id(shop):
    entry = shop.publish(("type", "start"), ("workflow", "numbers"), ("input", '{"batch_size":4}'))
    record = shop.wait_for_end(entry)
    assert record["output"] == "10"
    assert record["entry"] == entry
    check_run(shop, entry, shop.story(entry), record)


def test_the_smallest_start_of_all_is_one_command_of_redis_cli(shop):
    # numbers wants an input, so the contract's three words are answered, with its reason, and not forgotten.
    entry = shop.publish(("type", "start"), ("workflow", "numbers"))
    assert shop.rejection(entry).data["code"] == "invalid_input"


def test_a_start_with_everything_puts_everything_in_the_record(run, shop):
    input = '{ "sku": "A1",\n "quantity": 2 }'  # kept as sent, blanks and all
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    reply, expires = fresh("checkout"), str(4_000_000_000_000)
    version = shop.version("order-fulfilment")
    id, record, story = run(
        "order-fulfilment", input, version=version, expires_at=expires, reply_to=reply,
        traceparent=traceparent, tracestate="vendor=1", colour="unknown fields are ignored",
    )
    check_run(shop, id, story, record)
    assert record["status"] == "completed"
    assert record["input"] == input
    assert record["version"] == version
    assert record["expires_at"] == expires
    assert record["reply_to"] == reply
    assert record["traceparent"] == traceparent
    assert record["tracestate"] == "vendor=1"
    assert {event.traceparent for event in story} == {traceparent}
    output = json.loads(record["output"])
    assert output.keys() == {"sku", "quantity", "receipts"}
    assert (output["sku"], output["quantity"]) == ("A1", 2)
    assert output["receipts"], "an order that was shipped has receipts"
    assert story[-1].data["output"] == output


def test_an_empty_value_counts_as_absent(shop):
    entry = shop.start("numbers", {"batch_size": 3}, id="", version="", reply_to="", expires_at="", traceparent="")
    record = shop.wait_for_end(entry)
    assert record["output"] == "6"
    assert "reply_to" not in record


def test_a_malformed_traceparent_is_ignored(run):
    for malformed in ("nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-1-01"):
        _, record, story = run("numbers", {"batch_size": 1}, traceparent=malformed)
        assert record["status"] == "completed"
        assert {event.traceparent for event in story} == {""}
        assert "traceparent" not in record


def test_the_requester_gets_the_terminal_event_on_its_reply_stream(run, shop):
    reply = fresh("reply")
    id, _, story = run("numbers", {"batch_size": 100}, reply_to=reply)
    answers = shop.replies(reply)
    assert [answer.pairs for answer in answers] == [story[-1].pairs], "the same event, field for field"
    assert answers[0].data["output"] == 5050
    assert 0 < shop.redis.pttl(shop.key("replies", reply)) <= 3_600_000


def test_many_runs_may_answer_to_one_name(shop):
    reply, ids = fresh("reply"), [fresh() for _ in range(20)]
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": n}, "reply_to": reply}
                    for n, id in enumerate(ids, start=1)])
    answers = shop.wait_for_replies(reply, len(ids))
    assert sorted(answer.subject for answer in answers) == sorted(ids)
    assert {answer.type for answer in answers} <= TERMINAL
    outputs = {answer.subject: answer.data["output"] for answer in answers}
    assert [outputs[id] for id in ids] == [n * (n + 1) // 2 for n in range(1, 21)]


def test_sixty_four_fields_and_a_quarter_of_a_mebibyte_are_not_too_much(run, shop):
    extra = {f"note_{number}": "x" for number in range(60)}  # with type, workflow, id, input: 64
    _, record, _ = run("numbers", {"batch_size": 2}, **extra)
    assert record["output"] == "3"

    pad = "x" * (256 * 1024 - len('{"batch_size":2,"pad":""}'))
    input = f'{{"batch_size":2,"pad":"{pad}"}}'
    _, record, story = run("numbers", input)
    assert record["output"] == "3"
    assert record["input"] == input
    assert "input" not in story[0].data, "above 4 KiB the started event leaves it out"


def test_a_start_that_has_not_expired_and_names_the_right_version_runs(run, shop):
    seconds, _ = shop.redis.time()
    _, record, _ = run("numbers", {"batch_size": 2}, expires_at=(seconds + 60) * 1000, version=shop.version("numbers"))
    assert record["status"] == "completed"


def test_starts_wait_in_the_stream_when_every_slot_is_taken(launch, bus):
    launch(bus, max_runs=2)
    ids = [fresh() for _ in range(6)]
    bus.start_all([{"workflow": "order-fulfilment", "id": id,
                    "input": {"sku": "A1", "quantity": 1, "delay_ms": 150}} for id in ids])
    most = 0

    def finished():
        nonlocal most
        at_once = bus.redis.pipeline(transaction=True).xlen(bus.key("commands"))
        for id in ids:
            at_once.hget(bus.key("run", id), "status")
        backlog, *statuses = at_once.execute()
        most = max(most, statuses.count(b"running"))
        assert backlog == statuses.count(None), "the backlog is what nobody has taken"
        return statuses.count(b"completed") == len(ids)

    eventually(finished, "all six have run, two at a time", within=30)
    assert most == 2


def test_a_bridge_is_reached_over_a_unix_socket_too(launch, bus):
    launch(bus, url=bus.server.socket_url)
    bus.start("numbers", {"batch_size": 10}, id="by-socket")
    assert bus.wait_for_end("by-socket")["output"] == "55"


def test_odd_batch_sizes_end_the_run_and_not_the_bridge(shop):
    ids = {fresh(): size for size in (0, -1, -9_000_000_000_000_000_000)}
    reply = fresh("reply")
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": n}, "reply_to": reply}
                    for id, n in ids.items()])
    answers = shop.wait_for_replies(reply, len(ids))
    outputs = {ids[answer.subject]: answer.data.get("output") for answer in answers}
    assert outputs[0] in (0, None), "an empty batch adds up to nothing, or is refused"
