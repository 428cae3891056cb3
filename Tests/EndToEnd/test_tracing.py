"""A run is a child of its producer's span, wherever it goes on, and its spans reach whatever takes OTLP."""
import os
import secrets
import subprocess

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.otlp import Receiver, definitions  # noqa: F401
from support.waiting import eventually

pytestmark = pytest.mark.xdist_group("tracing")  # OpenTelemetry's definitions are fetched once


class Producer:
    """The span of a program that starts a run."""

    def __init__(self, is_sampled=True):
        self.trace, self.span = secrets.token_hex(16), secrets.token_hex(8)
        self.headers = {
            "traceparent": f"00-{self.trace}-{self.span}-{'01' if is_sampled else '00'}", "tracestate": "shop=1,other=a b"}

    def has(self, span):
        """Whether the span is this one's child."""
        return (span.trace, span.parent) == (self.trace, self.span)


@pytest.fixture
def receiver(definitions):  # noqa: F811
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def traced(bus, launch, receiver):
    """A bus with one bridge that traces."""
    launch(bus, options=["--otlp-endpoint", receiver.url])
    return bus


def order(bus, producer, id=None, **input):
    id = id or fresh("order")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, **input}, id=id, **producer.headers)
    return id


def test_a_run_is_a_child_of_its_producer_and_states_and_attempts_are_below_it(traced, receiver):
    producer = Producer()
    id = order(traced, producer)
    traced.wait_for_end(id)
    run = receiver.wait_for("workflow_orchestrate", id)
    assert producer.has(run) and run.state == "shop=1,other=a b"
    assert (run.attributes["cano.workflow"], run.error) == ("order-fulfilment", None)
    states = receiver.below(run)
    assert [span.attributes["cano.state"] for span in sorted(states, key=lambda span: span.start)] == ["reserve", "charge", "ship"]
    for state in states:
        assert state.name.endswith("_task_execution") and run.start <= state.start <= state.end <= run.end
        loop, = receiver.below(state)
        attempt, = receiver.below(loop)
        assert (loop.name, attempt.name, attempt.attributes["cano.attempt"]) == ("run_with_retries", "task_attempt", 1)
    spans = receiver.spans()
    assert all(span.trace == producer.trace and span.error is None for span in spans)
    assert len({span.id for span in spans}) == len(spans)


def test_a_failed_run_and_what_failed_in_it_say_so(traced, receiver):
    producer = Producer()
    id = order(traced, producer, fail_at="charge")
    traced.wait_for_end(id)
    run = receiver.wait_for("workflow_orchestrate", id)
    assert producer.has(run) and run.error
    (name, exception), = run.events
    assert name == "exception" and "charge" in exception["exception.message"]
    states = {span.attributes["cano.state"]: span for span in receiver.below(run) if "cano.state" in span.attributes}
    assert states["reserve"].error is None and states["charge"].error
    loop, = receiver.below(states["charge"])
    assert [attempt.error is not None for attempt in receiver.below(loop)] == [True]


def test_a_run_that_waits_stays_in_the_trace_and_its_wait_is_no_error(traced, receiver):
    producer, id = Producer(), fresh("approval")
    traced.start("approval", {"title": "a bill"}, id=id, **producer.headers)
    before = receiver.wait_for("workflow_orchestrate", id)  # it has ended, so no bridge holds the run any more
    assert producer.has(before) and before.attributes["cano.outcome"] == "waiting"
    traced.signal(id, "approved", {"by": "me"})
    traced.wait_for_end(id)
    after = receiver.wait_for("workflow_resume", id)
    assert producer.has(after) and after.state == before.state and "cano.outcome" not in after.attributes
    assert all(span.trace == producer.trace and not span.error and not span.events for span in receiver.spans())
    assert {span.attributes["cano.state"] for span in receiver.below(before) + receiver.below(after)} == {"ask"}


def test_a_run_without_a_producer_has_a_trace_of_its_own_from_its_start_to_its_end(traced, receiver):
    id = fresh("approval")
    traced.start("approval", {"title": "a bill"}, id=id)
    before = receiver.wait_for("workflow_orchestrate", id)
    start = receiver.wait_for("workflow_start", id)
    assert not start.parent and (before.trace, before.parent) == (start.trace, start.id)
    traced.signal(id, "approved", {"by": "me"})
    traced.wait_for_end(id)
    after = receiver.wait_for("workflow_resume", id)
    assert (after.trace, after.parent) == (start.trace, start.id)
    assert {event.traceparent for event in traced.story(id)} == {f"00-{start.trace}-{start.id}-01"}


def test_a_run_stays_in_the_trace_when_its_bridge_dies(bus, launch_trial, receiver, gate):
    options = [*QUICK_LEASE, "--otlp-endpoint", receiver.url]
    first = launch_trial(bus, options=options)
    producer, id = Producer(), fresh("trial")
    bus.start("trial", {"at": "second", "gate": gate.path}, id=id, **producer.headers)
    eventually(lambda: bus.record(id).get("state") == "second", "it is in its second state")
    # What has ended is told while the run goes on.
    done = receiver.wait_for("single_task_execution", id)
    assert done.attributes["cano.state"] == "first" and done.trace == producer.trace
    first.kill()
    launch_trial(bus, options=options)
    eventually(lambda: bus.record(id)["epoch"] == "2", "it was taken over", within=40)
    gate.open()
    bus.wait_for_end(id)
    run = receiver.wait_for("workflow_resume", id)
    assert producer.has(run) and run.error is None
    assert [span.attributes["cano.state"] for span in sorted(receiver.below(run), key=lambda span: span.start)] == ["second", "third"]
    assert all(span.trace == producer.trace for span in receiver.spans())
    assert done.resource["service.instance.id"] != run.resource["service.instance.id"], "another process"


def test_a_run_that_is_handed_over_has_no_error(bus, launch_trial, receiver, gate):
    options = [*QUICK_LEASE, "--drain-seconds", 0.5, "--grace-seconds", 0.5, "--otlp-endpoint", receiver.url]
    first = launch_trial(bus, options=options)
    producer, id = Producer(), fresh("trial")
    bus.start("trial", {"at": "second", "gate": gate.path}, id=id, **producer.headers)
    eventually(lambda: bus.record(id).get("state") == "second", "it is in its second state")
    launch_trial(bus, options=options)
    first.terminate()
    assert first.exit_code(within=20) == 0
    run = receiver.wait_for("workflow_orchestrate", id, within=1)  # it was sent before the bridge had ended
    assert producer.has(run) and (run.attributes["cano.outcome"], run.error) == ("relinquished", None)
    gate.open()
    bus.wait_for_end(id)
    assert producer.has(receiver.wait_for("workflow_resume", id))
    assert not [span for span in receiver.spans() if span.error]


@pytest.mark.parametrize("trouble", ["busy", "away"])
def test_no_run_waits_for_a_receiver_and_nothing_is_lost_when_it_comes_back(traced, receiver, trouble):
    def set_trouble(is_there):
        if trouble == "busy":
            receiver.status = 503 if is_there else 200
        elif is_there:
            receiver.close()
        else:
            receiver.open()

    set_trouble(True)
    producer = Producer()
    ids = [order(traced, producer) for _ in range(50)]
    traced.wait_for_end(*ids)
    assert traced.statuses(ids) == ["completed"] * 50
    if trouble == "busy":
        eventually(lambda: receiver.refusals >= 1, "it has been asked")
    assert not receiver.spans()
    set_trouble(False)
    for id in ids:
        run = receiver.wait_for("workflow_orchestrate", id, within=90)
        assert producer.has(run)
    eventually(lambda: len(receiver.spans()) >= 50 * 10, "all spans have come")
    assert len(receiver.spans()) == len({span.id for span in receiver.spans()}) == 50 * 10, "a run, three states, their loops and attempts"


def test_a_run_whose_producer_is_not_recorded_is_not_either(traced, receiver):
    unrecorded, recorded = Producer(is_sampled=False), Producer()
    quiet = order(traced, unrecorded)
    traced.wait_for_end(quiet)
    told = order(traced, recorded)
    traced.wait_for_end(told)
    receiver.wait_for("workflow_orchestrate", told)
    assert {span.trace for span in receiver.spans()} == {recorded.trace}
    assert traced.story(quiet)[-1].traceparent == unrecorded.headers["traceparent"]


def test_a_stop_sends_what_is_left(bus, launch, receiver):
    bridge = launch(bus, options=["--otlp-endpoint", receiver.url])
    id = order(bus, Producer())
    bus.wait_for_end(id)
    bridge.terminate()
    assert bridge.exit_code(within=20) == 0
    assert [span.name for span in receiver.spans(run=id) if span.name.startswith("workflow")] == ["workflow_orchestrate"]


@pytest.mark.parametrize("trouble", ["away", "silent"])
def test_a_stop_does_not_wait_for_a_receiver_for_long(bus, launch, receiver, trouble):
    bridge = launch(bus, options=["--otlp-endpoint", receiver.url])
    if trouble == "away":
        receiver.close()
    else:
        receiver.status = None
    bus.wait_for_end(order(bus, Producer()))
    if trouble == "silent":
        eventually(lambda: receiver.unanswered, "it has been asked")
    bridge.terminate()
    assert bridge.exit_code(within=20) == 0
    assert "not all spans were exported" in bridge.output()


def test_the_variables_of_opentelemetry_are_kept_to(bus, launch, receiver):
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url + "/otlp", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20YTpi,x-tenant=t",
        "OTEL_SERVICE_NAME": "shop", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=staging,service.name=other",
        "OTEL_TRACES_SAMPLER": "parentbased_always_off"}
    launch(bus, env=dict(os.environ, **variables))
    alone = fresh("alone")
    bus.start("numbers", {"batch_size": 4}, id=alone)
    bus.wait_for_end(alone)
    producer = Producer()
    id = order(bus, producer)
    run = receiver.wait_for("workflow_orchestrate", id)
    assert (run.resource["service.name"], run.resource["deployment.environment.name"]) == ("shop", "staging")
    assert not receiver.spans(run=alone), "it begins a trace, and those are not sampled"
    path, headers = receiver.requests[0]
    assert path == "/otlp/v1/traces"
    assert (headers["content-type"], headers["authorization"], headers["x-tenant"]) == ("application/json", "Basic YTpi", "t")


@pytest.mark.parametrize("arguments, variables, advice", [
    (["--otlp-endpoint", "localhost:4318"], {}, "--otlp-endpoint is \"localhost:4318\". Give a URL such as http://localhost:4318."),
    ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "tracing"}, "OTEL_EXPORTER_OTLP_ENDPOINT is \"tracing\". Give a URL"),
    (["--otlp-endpoint", "http://c"], {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "Set it to http/json"),
    (["--otlp-endpoint", "http://c"], {"OTEL_EXPORTER_OTLP_HEADERS": "secret"}, "Give name=value pairs"),
    (["--otlp-endpoint", "http://c"], {"OTEL_RESOURCE_ATTRIBUTES": "team"}, "Give name=value pairs"),
    (["--otlp-endpoint", "http://c"], {"OTEL_METRICS_EXPORTER": "console"}, "none to have no metrics sent"),
    (["--otlp-endpoint", "http://c"], {"OTEL_TRACES_SAMPLER": "often"}, "There are always_on, always_off"),
    (["--otlp-endpoint", "http://c"], {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "10%"}, "from 0 to 1"),
])
def test_what_cannot_be_used_ends_the_program_with_what_to_give_instead(binary, arguments, variables, advice):
    done = subprocess.run(
        [str(binary), "serve", "--samples", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        env=dict(os.environ, **variables))
    assert done.returncode == 64, done.stderr
    assert advice in " ".join(done.stderr.split()) and "secret" not in done.stderr
