"""The metrics of a bridge reach whatever takes OTLP, and say there what they say at `/metrics`."""
import os

import pytest

from support.admin import Admin, free_port
from support.bus import fresh
from support.otlp import Receiver, definitions  # noqa: F401
from support.waiting import eventually

pytestmark = pytest.mark.xdist_group("tracing")  # OpenTelemetry's definitions are fetched once
OFTEN = {"OTEL_METRIC_EXPORT_INTERVAL": "200"}
ENDED = ("cano_bridge_runs_ended_total", frozenset({("workflow", "numbers"), ("status", "completed")}))


@pytest.fixture
def receiver(definitions):  # noqa: F811
    receiver = Receiver()
    yield receiver
    receiver.close()


def carry_out(bus, count):
    ids = [fresh("numbers") for _ in range(count)]
    for id in ids:
        bus.start("numbers", {"batch_size": 4}, id=id)
    bus.wait_for_end(*ids)


def newest(receiver):
    """A whole export that begins from now on."""
    before = len(receiver.exports())
    # The first of two may have been read before.
    eventually(lambda: len(receiver.exports()) >= before + 2, "more metrics have come")
    return receiver.exports()[before + 1]


def ended(receiver):
    """What the receiver knows of runs that have ended, export by export."""
    return [export.values.get(ENDED, 0) for export in receiver.exports()]


def test_they_say_what_the_metrics_page_says(bus, launch, receiver):
    admin = Admin(free_port())
    launch(bus, options=[*admin.options, "--otlp-endpoint", receiver.url], env=dict(os.environ, **OFTEN))
    eventually(admin.is_up, "the admin server listens")
    carry_out(bus, 7)
    eventually(lambda: ended(receiver)[-1:] == [7], "it is told that seven runs have ended")
    before, export, after = admin.metrics(), newest(receiver), admin.metrics()
    assert export.values.keys() == after.values.keys()
    assert export.kinds == after.kinds
    steady = {series for series, value in before.values.items() if after.values[series] == value}
    assert {series: export.values[series] for series in steady} == {series: before.values[series] for series in steady}
    # What the runs above came to is in it: a counter, a gauge and a histogram.
    duration = frozenset({("workflow", "numbers")})
    assert {ENDED, ("cano_bridge_slots", frozenset()), ("cano_bridge_run_duration_seconds_count", duration)} <= steady
    assert export.values["cano_bridge_run_duration_seconds_count", duration] == 7
    assert export.units["cano_bridge_run_duration_seconds"] == "s" and len(export.moments) == 1
    assert export.resource["service.name"] == "cano-bridge" and export.resource["service.instance.id"]


def test_counters_go_on_from_one_beginning(bus, launch, receiver):
    launch(bus, options=["--otlp-endpoint", receiver.url], env=dict(os.environ, **OFTEN))
    carry_out(bus, 1)
    eventually(lambda: 1 in ended(receiver), "the first run is told of")
    carry_out(bus, 2)
    eventually(lambda: ended(receiver)[-1] == 3, "so are the others")
    assert ended(receiver) == sorted(ended(receiver))
    starts = {export.starts[ENDED] for export in receiver.exports() if ENDED in export.starts}
    assert len(starts) == 1


def test_a_stop_sends_what_was_counted_last(bus, launch, receiver):
    bridge = launch(bus, options=["--otlp-endpoint", receiver.url])  # once a minute
    carry_out(bus, 3)
    bridge.terminate()
    assert bridge.exit_code(within=20) == 0
    assert ended(receiver)[-1] == 3


@pytest.mark.parametrize("trouble", ["busy", "away"])
def test_what_was_counted_while_the_receiver_was_in_trouble_comes_afterwards(bus, launch, receiver, trouble):
    bridge = launch(bus, options=["--otlp-endpoint", receiver.url], env=dict(os.environ, **OFTEN))
    if trouble == "busy":
        receiver.status = 503
    else:
        receiver.close()
    carry_out(bus, 2)
    eventually(lambda: "metrics can't be exported" in bridge.output(), "it is told in the log")
    receiver.status = 200
    if trouble == "away":
        receiver.open()
    eventually(lambda: ended(receiver)[-1:] == [2], "they come", within=60)
    eventually(lambda: "metrics are exported again" in bridge.output(), "that too is told in the log")


@pytest.mark.parametrize("variables", [{"OTEL_METRICS_EXPORTER": "none"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "{url}/v1/traces"}])
def test_traces_come_alone_where_that_is_said(bus, launch, receiver, variables):
    variables = {name: value.format(url=receiver.url) for name, value in variables.items()}
    options = ["--otlp-endpoint", receiver.url] if "OTEL_METRICS_EXPORTER" in variables else []
    bridge = launch(bus, options=options, env=dict(os.environ, **OFTEN, **variables))
    carry_out(bus, 1)
    bridge.terminate()
    assert bridge.exit_code(within=20) == 0
    assert receiver.spans() and not receiver.exports()


def test_metrics_come_alone_where_that_is_said_with_headers_of_their_own(bus, launch, receiver):
    variables = {
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": receiver.url + "/in/v1/metrics", "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "x-tenant=m",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=all", "OTEL_SERVICE_NAME": "shop"}
    bridge = launch(bus, env=dict(os.environ, **variables))
    carry_out(bus, 1)
    bridge.terminate()
    assert bridge.exit_code(within=20) == 0
    assert not receiver.spans() and ended(receiver) == [1]
    (path, headers), = receiver.requests
    assert path == "/in/v1/metrics" and headers["x-tenant"] == "m" and receiver.exports()[0].resource["service.name"] == "shop"
