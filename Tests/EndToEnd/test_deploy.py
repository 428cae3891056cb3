"""The files in deploy fit the program, the contract and each other, as far as that shows without Docker, a cluster and a running systemd."""
import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import redis
import yaml

from support.admin import Admin, free_port, promtool
from support.bridge import REPOSITORY
from support.redis_server import RedisServer
from support.waiting import eventually

DEPLOY = REPOSITORY / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
UNIT = (DEPLOY / "cano-bridge.service").read_text()
DEPLOYMENT, BUDGET = yaml.safe_load_all((DEPLOY / "kubernetes" / "bridge.yaml").read_text())
SCALED, SCALER = yaml.safe_load_all((DEPLOY / "kubernetes" / "scaling.yaml").read_text())
NETWORK = yaml.safe_load((DEPLOY / "kubernetes" / "network.yaml").read_text())
PROMETHEUS = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
POD = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINER, = POD["containers"]


def instruction(name):
    """What the last such instruction of the Dockerfile says."""
    return re.findall(rf"^\s*{name} +(.*)$", DOCKERFILE, re.MULTILINE)[-1]


COMMANDS = {
    "Dockerfile": json.loads(instruction("CMD")),
    "compose.yaml, bridge": COMPOSE["services"]["bridge"]["command"],
    "compose.yaml, pages": COMPOSE["services"]["pages"]["command"],
    "cano-bridge.service": shlex.split(re.search(r"^ExecStart=\S+ (.*)$", UNIT, re.MULTILINE)[1]),
    "kubernetes": CONTAINER["args"],
}
SERVE = [place for place, command in COMMANDS.items() if command[0] == "serve"]


def options(place):
    """The options of a command, each with its value or None."""
    words = [part for word in COMMANDS[place][1:] for part in word.split("=", 1)]
    return {word: None if following.startswith("--") else following
            for word, following in zip(words, [*words[1:], "--"]) if word.startswith("--")}


# Options and settings

@pytest.mark.parametrize("place", COMMANDS)
def test_every_option_is_one_of_the_program(binary, place):
    told = subprocess.run([str(binary), "help", COMMANDS[place][0]], capture_output=True, text=True, timeout=30).stdout
    assert set(options(place)) <= set(re.findall(r"^ +(--[a-z-]+)", told, re.MULTILINE))


@pytest.mark.parametrize("place", SERVE)
def test_a_bridge_can_be_set_so(binary, place, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    words = [re.sub(r"(?<![^=])/\S*token$", str(token), word) for word in COMMANDS[place][1:]]
    done = subprocess.run([str(binary), "config", *words], capture_output=True, text=True, timeout=30, env={"CANO_REDIS": "redis://redis:6379"})
    assert done.returncode == 0, done.stderr


def test_every_variable_is_a_setting(binary):
    told = subprocess.run([str(binary), "help", "serve"], capture_output=True, text=True, timeout=30).stdout
    settings = {"CANO" + option.upper().replace("-", "_")[1:] for option in re.findall(r"^ +(--[a-z-]+)", told, re.MULTILINE)}
    used = {variable["name"] for variable in CONTAINER["env"]} | set(re.findall(r"\bCANO_[A-Z_]+", UNIT))
    used |= {name for service in COMPOSE["services"].values() for name in service.get("environment", {}) if name.startswith("CANO")}
    assert used and used <= settings


@pytest.mark.parametrize("place, patience", [
    ("compose.yaml, bridge", COMPOSE["services"]["bridge"]["stop_grace_period"]),
    ("cano-bridge.service", re.search(r"^TimeoutStopSec=(.*)$", UNIT, re.MULTILINE)[1]),
    ("kubernetes", POD["terminationGracePeriodSeconds"]),
])
def test_a_bridge_has_the_time_to_stop_that_it_takes(place, patience):
    said = options(place)
    assert int(str(patience).removesuffix("s")) > int(said["--drain-seconds"]) + int(said["--grace-seconds"])


# Who can reach what

@pytest.mark.parametrize("place", COMMANDS)
def test_what_other_machines_can_reach_asks_for_a_token(place):
    said = options(place)
    assert said["--admin"].startswith("127.0.0.1:") or said["--admin-token-file"]


def test_compose_publishes_on_the_loopback_interface_alone():
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published and all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published)


def test_all_speak_of_one_port():
    port, = {options(place)["--admin"].rpartition(":")[2] for place in COMMANDS}
    asked = {int(found) for found in re.findall(r"/dev/tcp/127\.0\.0\.1/(\d+)", instruction("HEALTHCHECK.*? CMD"))}
    asked |= {found["port"] for job in PROMETHEUS["scrape_configs"] for found in job["dns_sd_configs"]}
    asked |= {found["port"] for rule in NETWORK["spec"]["ingress"] for found in rule["ports"]}
    asked |= {found["containerPort"] for found in CONTAINER["ports"]}
    assert asked == {int(port)}
    names = {probe["httpGet"]["port"] for name, probe in CONTAINER.items() if name.endswith("Probe")}
    assert names == {found["name"] for found in CONTAINER["ports"]}


# The image

def test_what_the_image_is_built_from_is_there_and_sent_to_the_builder():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    sent = [pattern.removeprefix("!") for pattern in ignored if pattern.startswith("!")]
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()]
    assert len(copied) == 4 and ignored[0] == "*"
    for word in copied:
        assert list(REPOSITORY.glob(word)) and any(fnmatch.fnmatch(pattern, word) for pattern in sent), word
    # The manifest names more than Sources: a folder that it needs and that is not sent would fail the build.
    named = re.findall(r'path: "(\w+)', (REPOSITORY / "Package.swift").read_text())
    assert set(named) <= set(sent)


def test_the_image_has_the_binary_of_the_build_and_runs_without_rights():
    made = re.search(r'split-symbols.sh "[^"]*/([\w-]+)" (\S+)', DOCKERFILE)
    symbols, (source, target) = re.findall(r"^COPY --from=build (\S+) (\S+)$", DOCKERFILE, re.MULTILINE)
    assert source == f"{made[2]}/{made[1]}" and symbols[0] == f"{source}.debug" and Path(target).name == json.loads(instruction("ENTRYPOINT"))[0]
    user = instruction("USER")
    assert f"--uid {user} " in DOCKERFILE and int(user) == POD["securityContext"]["runAsUser"] != 0
    # The libraries beside the binary are those of the distribution that it was built on.
    swift, debian = re.findall(r"^ARG \w+_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert swift.rpartition("-")[2] == debian.partition(":")[2].removesuffix("-slim")


def test_what_is_given_away_has_its_symbols_beside_it(binary, tmp_path):
    subprocess.run([REPOSITORY / "scripts" / "split-symbols.sh", binary, tmp_path], check=True, timeout=60)
    program, symbols = tmp_path / binary.name, tmp_path / f"{binary.name}.debug"
    sections = lambda file: subprocess.run(["readelf", "--sections", "--wide", file], capture_output=True, text=True, check=True).stdout
    assert ".gnu_debuglink" in sections(program) and ".symtab" not in sections(program) and ".debug_info" in sections(symbols)
    # Debuggers find the symbols by the program's link: without them its main function is of no file.
    address = next(line.split()[0] for line in subprocess.run(["nm", binary], capture_output=True, text=True, check=True).stdout.splitlines()
                   if line.endswith(" T main"))
    named = subprocess.run(["addr2line", "--functions", "--exe", program, address], capture_output=True, text=True, check=True).stdout
    assert ".swift:" in named, named
    told = [subprocess.run([each, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout for each in (program, binary)]
    assert told[0] == told[1] and program.stat().st_size < binary.stat().st_size / 2


def test_the_health_check_is_right_while_a_bridge_lives_and_redis_is_away_and_wrong_without_one(launch, bus):
    admin = Admin(free_port())
    check = [word.replace("/9464", f"/{admin.port}") for word in json.loads(instruction("HEALTHCHECK.*? CMD"))]

    def is_healthy():
        return subprocess.run(check, capture_output=True, timeout=10).returncode == 0

    assert not is_healthy()
    bridge = launch(bus, options=admin.options)
    eventually(is_healthy, "the admin server listens")
    bus.server.stop()
    assert is_healthy(), "a bridge that waits for Redis is not to be restarted"
    with bridge.paused():
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(check, capture_output=True, timeout=3)  # as long as Docker waits
    bridge.kill()
    assert not is_healthy()


# What reads the files

def test_compose_knows_every_key():
    if shutil.which("docker-compose") is None:
        pytest.skip("there is no docker-compose on this machine")
    # Debian's is older than the name of a project in the file.
    text, count = re.subn(r"^name: .*\n", "", COMPOSE_TEXT, flags=re.MULTILINE)
    done = subprocess.run(["docker-compose", "--project-directory", str(DEPLOY), "-f", "-", "config", "-q"], input=text, capture_output=True,
                          text=True, timeout=60)
    assert count == 1 and (done.returncode, done.stderr) == (0, "")


def test_compose_mounts_what_is_there():
    mounted = [volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])]
    assert all((DEPLOY / source).exists() if source.startswith("./") else source in COMPOSE["volumes"] for source in mounted)
    assert {secret for service in COMPOSE["services"].values() for secret in service.get("secrets", [])} == set(COMPOSE["secrets"])
    provider, = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "dashboards" / "cano.yaml").read_text())["providers"]
    home = COMPOSE["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert str(Path(home).parent) == provider["options"]["path"] and f"./grafana/cano.json:{home}:ro" in COMPOSE["services"]["grafana"]["volumes"]
    source, = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert re.fullmatch(r"http://(\w+):9090", source["url"])[1] in COMPOSE["services"]


def test_prometheus_can_read_its_configuration_and_scrapes_the_job_that_the_alerts_expect(tmp_path):
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    (tmp_path / "token").write_text("0123456789abcdef")
    file = tmp_path / "prometheus.yaml"
    file.write_text(file.read_text().replace("/run/secrets/admin-token", str(tmp_path / "token")))
    done = promtool("check", "config", file)
    assert done.returncode == 0, done.stdout + done.stderr
    job, = PROMETHEUS["scrape_configs"]
    assert f'job="{job["job_name"]}"' in (DEPLOY / "prometheus" / "alerts.yaml").read_text()
    assert job["dns_sd_configs"][0]["names"][0] in COMPOSE["services"]


def test_systemd_has_nothing_to_say_about_the_unit(binary, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd on this machine")
    unit = tmp_path / "cano-bridge.service"
    unit.write_text(UNIT.replace("/usr/local/bin/cano-bridge", str(binary)))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="session")
def kubernetes_schemas():
    """A folder with the Python package that has the schemas, fetched once."""
    version = "1.37.0"
    folder = REPOSITORY / ".build" / "kubernetes-validate" / version
    if not (folder / "kubernetes_validate").exists():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--target", str(folder),
             f"kubernetes-validate=={version}"], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip(f"the schemas of Kubernetes can't be fetched: {done.stderr.strip().splitlines()[-1:]}")
    return folder


@pytest.mark.slow
@pytest.mark.xdist_group("kubernetes schemas")
def test_kubernetes_knows_every_key_of_its_own_kinds(kubernetes_schemas):
    program = "import json, sys, kubernetes_validate\nfor one in json.load(sys.stdin): kubernetes_validate.validate(one, '1.37', strict=True)"
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(kubernetes_schemas)}, text=True, timeout=120,
                          input=json.dumps([DEPLOYMENT, BUDGET, NETWORK]), capture_output=True)
    assert done.returncode == 0, done.stderr


# Kubernetes

def test_the_manifests_mean_the_same_pods():
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    for selector in (DEPLOYMENT["spec"]["selector"], BUDGET["spec"]["selector"], NETWORK["spec"]["podSelector"],
                     *(spread["labelSelector"] for spread in POD["topologySpreadConstraints"])):
        assert selector["matchLabels"].items() <= labels.items()
    mounts = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    assert options("kubernetes")["--admin-token-file"].startswith(mounts["admin"] + "/")
    created = set(re.findall(r"kubectl create secret generic (\S+)", (DEPLOY / "kubernetes" / "bridge.yaml").read_text()))
    assert created == {volume["secret"]["secretName"] for volume in POD["volumes"]} | {
        variable["valueFrom"]["secretKeyRef"]["name"] for variable in CONTAINER["env"]}


def test_the_scaler_counts_the_backlog_and_leaves_a_bridge_for_what_waits():
    assert SCALED["spec"]["scaleTargetRef"]["name"] == DEPLOYMENT["metadata"]["name"]
    assert 1 <= SCALED["spec"]["minReplicaCount"] == DEPLOYMENT["spec"]["replicas"] < SCALED["spec"]["maxReplicaCount"]
    trigger, = SCALED["spec"]["triggers"]
    assert trigger["authenticationRef"]["name"] == SCALER["metadata"]["name"]
    # What KEDA's scaler takes of a stream's length, each a text.
    assert set(trigger["metadata"]) == {"address", "enableTLS", "stream", "streamLength"}
    assert all(isinstance(value, str) for value in trigger["metadata"].values())


def test_the_user_of_the_scaler_may_count_the_starts_and_no_more():
    rule = re.search(r"ACL (SETUSER cano-scaler on .*)$", (DEPLOY / "kubernetes" / "scaling.yaml").read_text(), re.MULTILINE)[1]
    server = RedisServer().start()
    try:
        with server.client() as admin:
            admin.execute_command("ACL", *rule.split())
            admin.xadd("cano:commands", {"type": "start"})
        with redis.Redis(port=server.port, username="cano-scaler", password="PASSWORD") as scaler:
            assert scaler.ping() and scaler.xlen(SCALED["spec"]["triggers"][0]["metadata"]["stream"]) == 1
            for command in (("XRANGE", "cano:commands", "-", "+"), ("XLEN", "cano:events"), ("DEL", "cano:commands")):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    scaler.execute_command(*command)
    finally:
        server.close()
