"""What the branches of `trial-branches` have done, whatever became of it."""
QUICK, HEAR, NAP, UNSURE = range(4)  # its branches, by index
BRANCHES = ("quick", "hear", "nap", "unsure")


def key(id, branch):
    """The idempotency key of a branch: of the fork, which is the second state that its run visits."""
    return f"{id.replace('%', '%25').replace('/', '%2F')}/fork/2/{branch}"


def once(attempts=1, woken=(HEAR, NAP)):
    """What a run notes each branch of which does each part of its work once, after so many attempts of the one that is not sure; sorted."""
    return sorted([(QUICK, "run", 1), (HEAR, "begin", 1), (NAP, "begin", 1)] + [(branch, "wake", 1) for branch in woken]
                  + [(UNSURE, "run", attempt) for attempt in range(1, attempts + 1)])


def counted(bus, id):
    """How often each deed of the branches of a run counts, by its idempotency key."""
    fields = [key(id, branch) for branch in (QUICK, HEAR, NAP, UNSURE)] + [f"{key(id, branch)}#begin" for branch in (HEAR, NAP)]
    counts = bus.redis.hmget(bus.key("store", "branched"), fields)
    return {field: int(count) for field, count in zip(fields, counts) if count is not None}


class Diary:
    """A file of notes, each of which is there at once: an attempt that was for nothing has left them too."""

    def __init__(self, path):
        self.path = path
        path.touch()

    def _notes(self):
        return [line.split() for line in self.path.read_text().splitlines()]

    def keys(self):
        """The idempotency keys under which anything was done."""
        return {made for made, _, _ in self._notes()}

    def of(self, id):
        """(branch, part of its work, attempt) of each note of a run, in order."""
        branches = {key(id, branch): branch for branch in range(len(BRANCHES))}
        return [(branches[made], part, int(attempt)) for made, part, attempt in self._notes() if made in branches]

    def attempts(self, id):
        """How many attempts the branch that is not sure has begun."""
        return sum(branch == UNSURE for branch, _, _ in self.of(id))
