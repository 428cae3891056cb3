"""A receiver of traces and metrics by OTLP over HTTP, and what it was sent as OpenTelemetry's own definitions read it."""
import base64
import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .waiting import eventually

ERROR = 2  # STATUS_CODE_ERROR
CUMULATIVE = 2  # AGGREGATION_TEMPORALITY_CUMULATIVE


@pytest.fixture(scope="session")
def definitions(tmp_path_factory):
    """The messages of OTLP, as OpenTelemetry publishes them for Python."""
    folder = tmp_path_factory.mktemp("opentelemetry-proto")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--target", str(folder),
         "opentelemetry-proto>=1.30"], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        pytest.skip(f"opentelemetry-proto can't be fetched: {done.stderr.strip().splitlines()[-1:]}")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


class Span:
    """One span, with its ids in hexadecimal and its attributes as values."""

    def __init__(self, message, resource):
        self.name, self.state, self.resource = message.name, message.trace_state, resource
        self.trace, self.id, self.parent = message.trace_id.hex(), message.span_id.hex(), message.parent_span_id.hex()
        self.attributes = attributes_of(message.attributes)
        self.error = message.status.message if message.status.code == ERROR else None
        self.events = [(event.name, attributes_of(event.attributes)) for event in message.events]
        self.start, self.end = message.start_time_unix_nano, message.end_time_unix_nano
        assert len(message.trace_id) == 16 and len(message.span_id) == 8 and len(message.parent_span_id) in (0, 8)
        assert self.name and 0 < self.start <= self.end and message.kind and message.flags & 1

    @property
    def run(self):
        return self.attributes.get("cano.run")

    def __repr__(self):
        return f"{self.name} {self.attributes}"


def attributes_of(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def read(text):
    """The spans of a request; it fails where the definitions know a member not, or have another type for it."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    def as_protobuf_has_it(value, name=None):
        if isinstance(value, dict):
            return {name: as_protobuf_has_it(member, name) for name, member in value.items()}
        if isinstance(value, list):
            return [as_protobuf_has_it(element) for element in value]
        if name in ("traceId", "spanId", "parentSpanId"):  # OTLP's JSON has ids in hexadecimal, protobuf's in base64
            assert re.fullmatch(r"[0-9a-f]+", value), value
            return base64.b64encode(bytes.fromhex(value)).decode()
        return value

    request = json_format.ParseDict(as_protobuf_has_it(json.loads(text)), ExportTraceServiceRequest())
    return [
        Span(span, attributes_of(resource.resource.attributes))
        for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


class Export:
    """The metrics of one request, named and valued as Prometheus reads them, so that the two can be compared."""

    def __init__(self, text):
        from google.protobuf import json_format
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

        request = json_format.Parse(text, ExportMetricsServiceRequest())
        self.values, self.kinds, self.units, self.starts, self.moments = {}, {}, {}, {}, set()
        for resource in request.resource_metrics:
            self.resource = attributes_of(resource.resource.attributes)
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self._read(metric)

    def _read(self, metric):
        kind = metric.WhichOneof("data")
        data = getattr(metric, kind)
        assert metric.name not in self.kinds, f"told twice: {metric.name}"
        self.kinds[metric.name] = {"sum": "counter"}.get(kind, kind)
        self.units[metric.name] = metric.unit
        if kind != "gauge":
            assert data.aggregation_temporality == CUMULATIVE and (kind != "sum" or data.is_monotonic)
        for point in data.data_points:
            labels = frozenset(attributes_of(point.attributes).items())
            self.moments.add(point.time_unix_nano)
            if kind != "gauge":
                assert 0 < point.start_time_unix_nano <= point.time_unix_nano
                self.starts[metric.name, labels] = point.start_time_unix_nano
            if kind == "histogram":
                self._spread(metric.name, labels, point)
            else:
                self.values[metric.name, labels] = float(getattr(point, point.WhichOneof("value")))

    def _spread(self, name, labels, point):
        assert len(point.bucket_counts) == len(point.explicit_bounds) + 1 and point.count == sum(point.bucket_counts)
        bounds = [*(f"{bound:g}" for bound in point.explicit_bounds), "+Inf"]
        for index, bound in enumerate(bounds):
            self.values[f"{name}_bucket", labels | {("le", bound)}] = float(sum(point.bucket_counts[:index + 1]))
        self.values[f"{name}_sum", labels] = point.sum
        self.values[f"{name}_count", labels] = float(point.count)


class Receiver:
    """It listens on a port of its own; while it is closed connections to that are refused."""

    def __init__(self):
        self._port, self._server, self._lock = 0, None, threading.Lock()
        self._spans, self._exports, self.requests, self.refusals, self.failures = [], [], [], 0, []
        self.status = 200  # what it answers; None for nothing, ever
        self.unanswered = 0
        self.open()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def open(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver._take(self.path, dict(self.headers.items()), body, self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _take(self, path, headers, body, handler):
        status = self.status
        with self._lock:
            if status is None:
                self.unanswered += 1
            elif status == 200:
                self.requests.append((path, {name.lower(): value for name, value in headers.items()}))
                try:
                    if path.endswith("/v1/metrics"):
                        self._exports.append(Export(body))
                    else:
                        self._spans += read(body)
                except Exception as error:
                    self.failures.append(f"{error!r}: {body[:2_000]!r}")
            else:
                self.refusals += 1
        if status is None:
            return handler.rfile.read(1)  # until the other end has closed the connection
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    def spans(self, **attributes):
        """What it has taken, with these attributes of the namespace `cano`; every request was one."""
        with self._lock:
            assert not self.failures, self.failures[0]
            wanted = {f"cano.{name}": value for name, value in attributes.items()}
            return [span for span in self._spans if wanted.items() <= span.attributes.items()]

    def exports(self):
        """The metrics that it has taken, one after the other."""
        with self._lock:
            assert not self.failures, self.failures[0]
            return list(self._exports)

    def wait_for(self, name, run, count=1, within=30.0):
        """The spans of that name that a run has itself, once there are so many."""
        def found():
            spans = [span for span in self.spans(run=run) if span.name == name]
            return spans if len(spans) >= count else None

        spans = eventually(found, f"{count} spans {name} of {run}", within)
        assert len(spans) == count, spans
        return spans if count > 1 else spans[0]

    def below(self, parent):
        """The children of a span."""
        return [span for span in self.spans() if (span.trace, span.parent) == (parent.trace, parent.id)]
