"""Settings by options, by the environment and by a file, and what `config` says of them."""
import json
import os
import subprocess

import pytest

from support.admin import Admin, free_port
from support.bus import fresh
from support.waiting import eventually


@pytest.fixture
def config(binary, tmp_path):
    """`config("--max-runs", …, env={…}, file="…")`: what the command answers."""
    def run(*arguments, env={}, file=None, verb="config"):
        if file is not None:
            path = tmp_path / "bridge.yaml"
            path.write_text(file)
            env = {**env, "CANO_CONFIG": str(path)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CANO_")}
        return subprocess.run([str(binary), verb, *map(str, arguments)], env={**kept, **env}, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30)

    return run


def settings(done):
    assert done.returncode == 0, done.stderr
    return {one["setting"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_every_setting_is_there_with_its_meaning_its_value_and_where_it_comes_from(config, binary):
    found = settings(config("--max-runs", 64, env={"CANO_NAME": "till", "CANO_MAX_RUNS": "1"}, file="drain-seconds: 7\nevents: tasks\nname: no\n"))
    assert (found["max-runs"]["value"], found["max-runs"]["from"]) == ("64", "--max-runs")
    assert (found["name"]["value"], found["name"]["from"]) == ("till", "CANO_NAME")
    assert found["drain-seconds"]["value"] == "7" and found["drain-seconds"]["from"].endswith("bridge.yaml")
    assert (found["max-events"]["value"], found["max-events"]["from"]) == ("1000000", "default")
    assert (found["lease-seconds"]["value"], found["lease-seconds"]["from"]) == ("15", "default")
    help = subprocess.run([str(binary), "serve", "--help"], capture_output=True, text=True).stdout
    assert set(found) == {line.split()[0][2:] for line in help.splitlines() if line.startswith("  --")} - {"version"}
    assert all(one["meaning"] and one["variable"].startswith("CANO_") for one in found.values())


def test_passwords_are_not_shown(config):
    done = config(env={"CANO_REDIS": "redis://bridge:hush@redis.example:6379"})
    assert settings(done)["redis"]["value"] == "redis://bridge:***@redis.example:6379" and "hush" not in done.stdout + done.stderr
    table = config("--table", "--redis", "redis://:hush@redis.example")
    assert "SETTING" in table.stdout and "redis://:***@redis.example" in table.stdout and "hush" not in table.stdout + table.stderr


@pytest.mark.parametrize("env, file, says", [
    ({"CANO_MAX_RUNS": "many"}, None, ["max-runs from CANO_MAX_RUNS", "many"]),
    ({"CANO_LEASE_SECONDS": "soon"}, None, ["lease-seconds from CANO_LEASE_SECONDS", "soon"]),
    ({"CANO_EMBEDDED": "perhaps"}, None, ["embedded has to be true or false", "CANO_EMBEDDED"]),
    ({}, "max-runs: many", ["max-runs from", "bridge.yaml", "many"]),
    ({"CANO_MAX_RUNS": "0"}, None, ["max-runs from CANO_MAX_RUNS", "1 or more"]),
    ({}, "history: runs.sqlite", ["bridge.yaml", "\"history\"", "setting of admin"]),
    ({}, "max-run: 5", ["bridge.yaml", "\"max-run\"", "no setting"]),
    ({}, "max-runs: [1]", ["max-runs has to be one value", "bridge.yaml"]),
    ({}, "a: [", ["bridge.yaml", "can't be read"]),
    ({"CANO_CONFIG": "/nowhere/at/all.yaml"}, None, ["/nowhere/at/all.yaml", "can't be read"]),
])
@pytest.mark.parametrize("verb", ["config", "serve"])
def test_what_can_not_be_is_refused_with_its_name_and_place(config, env, file, says, verb):
    done = config(env=env, file=file, verb=verb)
    assert done.returncode == 64 and done.stdout == ""
    for words in says:
        assert words in done.stderr, done.stderr


def test_a_file_of_serve_is_none_of_the_pages(config):
    done = config(file="max-runs: 5\nfailed-retention-seconds: 60\n", verb="admin")
    assert done.returncode == 64
    assert 'sets "failed-retention-seconds", "max-runs", which are settings of serve and not of admin' in done.stderr.replace("\n", " ")


def test_help_is_there_whatever_the_environment_says(config):
    done = config("--help", env={"CANO_MAX_RUNS": "many"}, verb="serve")
    assert done.returncode == 0 and "--max-runs" in done.stdout


def test_a_bridge_is_set_up_by_a_file_and_its_clients_by_the_environment(launch, bus, binary, tmp_path):
    admin, file = Admin(free_port()), tmp_path / "bridge.yaml"
    file.write_text(f"admin: {admin.host}:{admin.port}\nadmin-read-only: true\n")
    launch(bus, options=["--config", file])
    eventually(admin.is_up, "the admin server listens")
    assert "read-only" in admin.post("/api/run/cancel", {"id": "x"}).json["error"]
    id = fresh("numbers")
    done = subprocess.run([str(binary), "start", "numbers", "--id", id, "--input", '{"batch_size":4}', "--wait"],
                          env={**os.environ, "CANO_REDIS": bus.server.url, "CANO_MAX_RUNS": "of no meaning here"}, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr
