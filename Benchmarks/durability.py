#!/usr/bin/python3
"""What each level of `serve --durability` costs, in one session: Benchmarks/durability.py path/to/cano-bridge

A primary and a replica on this machine, so the round trip to the replica is the shortest there can be. The level `fsync` needs a server with
WAITAOF: PATH=$(scripts/install-valkey.sh):$PATH."""
import contextlib, subprocess, sys, tempfile, time
import redis
from bridge import connect, free_port, measure, orders, probe, publish, start_bridge, stop, told

RUNS, PROBES = 10_000, 500


@contextlib.contextmanager
def pair(fsync):
    """A primary and a replica that has caught up; the folder has the primary's socket."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        begin = lambda place, *options: subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--unixsocket", place + "/sock", "--dir", place, "--appendonly", "yes", "--appendfsync",
             fsync, "--save", "", "--repl-diskless-sync-delay", "0", *options], stdout=subprocess.DEVNULL)
        servers = [begin(folder, "--port", str(port)), begin(other, "--port", str(free_port()), "--replicaof", "127.0.0.1", str(port))]
        try:
            client, replica = connect(folder + "/sock"), connect(other + "/sock")
            deadline = time.monotonic() + 20
            while replica.info("replication").get("master_link_status") != "up":
                if time.monotonic() > deadline:
                    sys.exit("the replica has not caught up within 20 s")
                time.sleep(0.05)
            yield folder, servers[0], client
        finally:
            for server in reversed(servers):
                stop(server)


def numbers(level, folder, server, client):
    publish(client, RUNS)
    bridge = start_bridge(folder, "--durability", level)
    try:
        rate, redis_used, bridge_used = measure(server, client, [bridge], RUNS)
        print(f"{level}: {rate:,.0f} runs/s from a backlog, CPU a run redis-server {redis_used:.0f} us, bridge {bridge_used:.0f} us;"
              f" idle, XADD to reply: {told(probe(client, PROBES))}", flush=True)
    finally:
        stop(bridge)


if __name__ == "__main__":
    for fsync in ("everysec", "always"):
        print(f"appendfsync {fsync}", flush=True)
        for level in ("local", "replicas:1", "fsync"):
            with pair(fsync) as (folder, server, client):
                if level == "fsync":
                    if fsync == "everysec":
                        continue  # each step takes up to a second
                    try:
                        client.execute_command("WAITAOF", 1, 0, 1_000)
                    except redis.ResponseError as error:
                        print("fsync:", error)
                        continue
                numbers(level, folder, server, client)
                client.flushall()
                orders(level, folder, client, "--durability", level)
