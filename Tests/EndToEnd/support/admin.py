"""The admin server of a bridge, as a probe and a scraper see it, and a real Prometheus."""
import http.client
import json
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

import pytest

from .bridge import REPOSITORY
from .processes import end, spawn
from .waiting import eventually

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def failed(self):
        """The names of the checks that a probe failed, each with its reason."""
        return {name: check["reason"] for name, check in self.json["checks"].items() if not check["ok"]}


class Admin:
    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port = host, port
        self.options = ("--admin", f"{host}:{port}")

    def get(self, path, headers={}, method="GET", within=5.0):
        connection = http.client.HTTPConnection("127.0.0.1" if self.host == "0.0.0.0" else self.host, self.port, timeout=within)
        try:
            connection.request(method, path, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post(self, path, fields, headers={}):
        """Sends a form."""
        connection = http.client.HTTPConnection("127.0.0.1" if self.host == "0.0.0.0" else self.host, self.port, timeout=20)
        try:
            connection.request("POST", path, urllib.parse.urlencode(fields, doseq=True), {"content-type": "application/x-www-form-urlencoded", **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def follow(self, path):
        """The events of a page that is followed, as they come: (name, data)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            assert response.status == 200 and response.headers["content-type"] == "text/event-stream", response.status
            name, data = "", []
            while line := response.readline().decode():
                if line.startswith("event: "):
                    name = line[7:-1]
                elif line.startswith("data: "):
                    data.append(line[6:-1])
                elif line == "\n" and data:
                    yield name, "\n".join(data)
                    data = []
        finally:
            connection.close()

    def is_up(self):
        try:
            return self.get("/health/live").status == 200
        except OSError:
            return False

    def ready(self):
        return self.get("/health/ready")

    def metrics(self):
        return Metrics(self.get("/metrics").text)


class Metrics:
    """The values of an exposition, by name and labels."""

    def __init__(self, text):
        self.text = text
        self.kinds = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
        self.values = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, value = LINE.fullmatch(line).groups()
            labels = frozenset(LABEL.findall(labels or ""))
            assert (name, labels) not in self.values, f"told twice: {line}"
            self.values[name, labels] = float(value)

    def __call__(self, name, **labels):
        """The value of a series; None where there is none."""
        return self.values.get((name, frozenset(labels.items())))

    def total(self, name, **labels):
        """The sum of the series with these labels among theirs."""
        return sum(value for (found, all), value in self.values.items() if found == name and all >= frozenset(labels.items()))


def promtool(*arguments, stdin=None):
    if shutil.which("promtool") is None:
        pytest.fail("no promtool: run scripts/install-dependencies.sh test")
    return subprocess.run(["promtool", *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=30)


class Prometheus:
    """A real one that scrapes these bridges twice a second and evaluates the alerts of this project."""

    def __init__(self, admins):
        if shutil.which("prometheus") is None:
            pytest.fail("no prometheus: run scripts/install-dependencies.sh test")
        self._folder = tempfile.TemporaryDirectory(prefix="cano-prometheus-")
        self.port = free_port()
        folder = Path(self._folder.name)
        targets = ", ".join(f'"{admin.host}:{admin.port}"' for admin in admins)
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}\n"
            f"rule_files: [{REPOSITORY / 'deploy' / 'prometheus' / 'alerts.yaml'}]\n"
            f"scrape_configs: [{{job_name: cano, static_configs: [{{targets: [{targets}]}}]}}]\n")
        self._log = folder / "log"
        with open(self._log, "wb") as log:
            self._process = spawn(
                ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

    def _get(self, path, **parameters):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
            response = connection.getresponse()
            return json.loads(response.read()) if response.status != 503 else {"status": "not up"}
        except OSError:
            assert self._process.poll() is None, self._log.read_text()
            return {"status": "not up"}
        finally:
            connection.close()

    def wait_until_up(self):
        eventually(lambda: self._get("query", query="1")["status"] == "success", "Prometheus answers", within=30)

    def query(self, expression):
        """What an expression gives: a list of (labels, value)."""
        answer = self._get("query", query=expression)
        assert answer["status"] == "success", f"{expression}: {answer}"
        return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def alerts(self):
        """The names of the alerts that are pending or firing."""
        return {alert["labels"]["alertname"] for alert in self._get("alerts")["data"]["alerts"]}

    def close(self):
        end(self._process)
        self._folder.cleanup()
