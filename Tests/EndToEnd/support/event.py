"""One entry of `P:events` or of a reply stream."""
import json

FIELDS = ["specversion", "id", "source", "type", "subject", "time", "workflow", "sequence", "epoch", "bridge",
          "traceparent", "datacontenttype", "data"]
TERMINAL = {"cano.run.completed", "cano.run.failed", "cano.run.cancelled"}


def text(value):
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


class Event:
    """Its fields as text, in order; every contract field is an attribute, `data` parsed, numbers as numbers."""

    examine = staticmethod(lambda event: None)  # what looks at each event that is read

    def __init__(self, entry, flat):
        self.entry = text(entry)
        self.pairs = [(text(name), text(value)) for name, value in zip(flat[::2], flat[1::2])]
        self.fields = dict(self.pairs)
        self.names = [name for name, _ in self.pairs]
        Event.examine(self)

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        value = self.fields[name]
        if name in ("sequence", "epoch"):
            return int(value)
        return json.loads(value) if name == "data" else value

    @property
    def kind(self):
        """The type without its common prefix: `run.started`."""
        return self.type.removeprefix("cano.")

    def __repr__(self):
        return f"<{self.entry} {' '.join(f'{name}={value[:200]}' for name, value in self.pairs)}>"
