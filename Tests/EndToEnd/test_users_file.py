"""deploy/redis/users.acl under a real server: each user does what docs/security.md gives it, and nothing else."""
import re

import pytest
import redis

from support.bridge import REPOSITORY, Bridge
from support.bus import Bus
from support.redis_server import RedisServer
from support.waiting import eventually

FILE = REPOSITORY / "deploy" / "redis" / "users.acl"
PAGE = (REPOSITORY / "docs" / "security.md").read_text()
RULES = {f"cano-{match[1]}": match[2].split() for match in re.finditer(r"ACL SETUSER cano-(\w+) (on [^`]*)```", PAGE)}
ROLES = list(RULES)
# What no program of a bus may do.
NEVER = [
    ("FLUSHALL",), ("FLUSHDB",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SHUTDOWN",), ("DEBUG", "SLEEP", "0"), ("MONITOR",),
    ("REPLICAOF", "NO", "ONE"), ("MODULE", "LIST"), ("GET", "other:key"), ("XADD", "other:commands", "*", "type", "start"), ("PUBLISH", "a", "b"),
    ("SELECT", "1"), ("FUNCTION", "LIST"), ("SAVE",),
]
# What each role may not do besides: others do it.
OTHERS = {
    "cano-producer": [("XRANGE", "cano:commands", "-", "+"), ("HSET", "cano:run:x", "status", "completed"), ("HGETALL", "cano:store:s"),
                      ("EVAL", "return 1", "0"), ("XADD", "cano:results", "*", "task", "t"), ("XREAD", "STREAMS", "cano:events", "0")],
    "cano-sender": [("XREAD", "STREAMS", "cano:control", "0"), ("HGETALL", "cano:run:x"), ("XADD", "cano:commands", "*", "type", "start"),
                    ("XADD", "cano:results", "*", "task", "t")],
    "cano-worker": [("XADD", "cano:commands", "*", "type", "start"), ("HGETALL", "cano:run:x"), ("XREAD", "STREAMS", "cano:results", "0"),
                    ("XREADGROUP", "GROUP", "workers", "w", "STREAMS", "cano:tasks:other", ">"), ("XADD", "cano:control", "*", "type", "cancel")],
    "cano-reader": [("XADD", "cano:events", "*", "type", "x"), ("XADD", "cano:commands", "*", "type", "start"), ("XTRIM", "cano:events", "MAXLEN", "0"),
                    ("HGETALL", "cano:store:s"), ("DEL", "cano:events"), ("HSET", "cano:run:x", "status", "completed")],
    "cano-history": [("XADD", "cano:events", "*", "type", "x"), ("HGETALL", "cano:run:x"), ("XREAD", "STREAMS", "cano:commands", "0"),
                     ("HMGET", "cano:store:s", "a"), ("DEL", "cano:events")],
    "cano-operator": [("HSET", "cano:run:x", "status", "completed"), ("EVAL", "return 1", "0"), ("DEL", "cano:run:x"), ("XADD", "cano:results", "*", "task", "t"),
                      ("XADD", "cano:events", "*", "type", "x"), ("XTRIM", "cano:deadletters", "MAXLEN", "0"), ("ZREM", "cano:failed", "x")],
    "cano-bridge": [],
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with the users of the file, and a password for each."""
    lines, file = FILE.read_text(), tmp_path_factory.mktemp("acl") / "users.acl"
    file.write_text(re.sub(r">(\w+)-PASSWORD", lambda found: f">{found[1].lower()}", lines))
    server = Guarded()
    yield server.start("--aclfile", file)
    server.close()


class Guarded(RedisServer):
    def client(self):
        return redis.Redis(unix_socket_path=str(self.socket), username="admin", password="admin")

    def connect(self, user):
        return redis.Redis(port=self.port, username=user, password=user.removeprefix("cano-"), decode_responses=True)


def test_the_file_says_what_the_page_says():
    users = dict(line.split(" ", 2)[1:] for line in FILE.read_text().splitlines())
    assert set(users) == {"default", "admin", *ROLES}
    for user in ROLES:
        assert users[user].replace(f">{user.removeprefix('cano-').upper()}-PASSWORD", ">SECRET").split() == RULES[user], user


def test_without_a_name_or_with_a_wrong_password_nothing_is_let_in(guarded):
    for user, password in ((None, None), ("cano-bridge", "BRIDGE-PASSWORD"), ("cano-nothing", "x"), ("default", "default")):
        with redis.Redis(port=guarded.port, username=user, password=password) as client:
            with pytest.raises((redis.exceptions.AuthenticationError, redis.exceptions.ResponseError)):
                client.ping()


@pytest.mark.parametrize("user", ROLES)
def test_a_user_may_do_nothing_that_is_no_work_of_its_role(guarded, user):
    with guarded.connect(user) as client, guarded.client() as admin:
        assert client.ping()
        admin.execute_command("XGROUP", "CREATE", "cano:tasks:other", "workers", "0", "MKSTREAM") if not admin.exists("cano:tasks:other") else None
        for command in NEVER + OTHERS[user]:
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)
        assert admin.ping()


def test_a_bridge_a_producer_a_worker_a_reader_and_an_operator_work_together_under_them(guarded, binary, bridges):
    # The tests above have left their refusals in it, where they ran on this server.
    with guarded.client() as admin:
        admin.acl_log_reset()
    bus = Bus(guarded)
    bridges.append(Bridge(binary, bus, url=f"redis://cano-bridge:bridge@127.0.0.1:{guarded.port}"))
    bridges[-1].start()
    with guarded.connect("cano-producer") as producer, guarded.connect("cano-worker") as worker, guarded.connect("cano-reader") as reader, \
            guarded.connect("cano-operator") as operator, guarded.connect("cano-sender") as sender:
        producer.xadd("cano:commands", {"type": "start", "workflow": "remote-steps", "id": "r", "input": '{"queue":"payments","steps":1}'})
        eventually(lambda: bus.record("r").get("status") == "waiting", "the task is out")
        [[_, [[entry, task]]]] = worker.xreadgroup("workers", "w", {"cano:tasks:payments": ">"}, block=5_000)
        worker.xadd("cano:results", {"type": "complete", "task": task["task"], "output": '"done"'})
        bus.wait_for("r", status="completed")
        assert producer.hget("cano:run:r", "output") and operator.hget("cano:run:r", "status") == "completed"
        assert "cano.run.completed" in [event["type"] for _, event in reader.xrange("cano:events")]
        producer.xadd("cano:commands", {"type": "start", "workflow": "order-fulfilment", "id": "o",
                                        "input": '{"sku":"A1","quantity":1,"await_payment":true}'})
        bus.wait_for_waiting("o")
        sender.xadd("cano:control", {"type": "signal", "id": "o", "name": "payment-confirmed", "data": '{"by":"bank"}'})
        bus.wait_for("o", status="completed")
    with guarded.client() as admin:
        assert [entry for entry in admin.acl_log() if entry["username"] == "cano-bridge"] == []
