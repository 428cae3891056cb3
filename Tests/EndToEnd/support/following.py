"""A client of whichever of several servers has the bus just now."""
import time

import redis
from redis.exceptions import RedisError

# What passes by itself while one server is replaced by another.
_PASSING = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED", "NOREPLICAS")


class Closed(redis.ConnectionError):
    """The servers have ended with their test."""


class Following:
    """A client that is always at the server that `find` names, and repeats what that refuses or does not answer.

    So a command may be executed twice: it is for reads, and for writes that are harmless twice.
    """

    def __init__(self, find, within=60):
        self._find, self._within, self._client = find, within, None
        self.response_callbacks = dict(redis.Redis.RESPONSE_CALLBACKS)

    def call(self, action):
        """What `action` answers, given a client of the right server."""
        deadline = time.monotonic() + self._within
        while True:
            try:
                if self._client is None:
                    self._client = self._find().client(socket_timeout=1)
                    self._client.response_callbacks.clear()
                    self._client.response_callbacks.update(self.response_callbacks)
                return action(self._client)
            except Closed:
                raise
            except (RedisError, LookupError) as error:
                self._client = None
                passes = isinstance(error, (LookupError, redis.ConnectionError, redis.TimeoutError)) or any(
                    word in str(error) or word in type(error).__name__.upper() for word in _PASSING)
                if not passes or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def __getattr__(self, name):
        return lambda *arguments, **options: self.call(lambda client: getattr(client, name)(*arguments, **options))

    def scan_iter(self, **options):
        return iter(self.call(lambda client: list(client.scan_iter(**options))))

    def pipeline(self, transaction=True):
        return _FollowingPipeline(self, transaction)


class _FollowingPipeline:
    def __init__(self, following, transaction):
        self._following, self._transaction, self._calls = following, transaction, []

    def __getattr__(self, name):
        return lambda *arguments, **options: self._calls.append((name, arguments, options))

    def execute(self):
        def send(client):
            pipeline = client.pipeline(transaction=self._transaction)
            for name, arguments, options in self._calls:
                getattr(pipeline, name)(*arguments, **options)
            return pipeline.execute()

        return self._following.call(send)
