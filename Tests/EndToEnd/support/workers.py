"""The example workers, each with the work that a test gives it."""
import functools
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from .bridge import REPOSITORY

FOLDER = REPOSITORY / "Examples" / "workers"
LANGUAGES = ["python", "shell", "c", "node", "rust", "java"]

# The file, the program without which there is no such worker here, and the work that it has until a test gives it another.
EXAMPLES = {
    "python": ("python/worker.py", sys.executable, "return {\"received\": input}"),
    "shell": ("shell/worker.sh", "jq", None),
    "c": ("c/worker.c", "cc", "return task && fprintf(out, \"{\\\"received\\\":%s}\", input) > 0;"),
    "node": ("node/worker.mjs", "node", "return { received: input };"),
    "rust": ("rust/worker.rs", "rustc", "Ok(format!(\"{{\\\"received\\\":{input}}}\"))"),
    "java": ("java/Worker.java", "java", "return \"{\\\"received\\\":\" + input + \"}\";"),
}


def worker(language, work, folder):
    """The words that start a worker of this language; its queue comes after them. `work` replaces what it does, if given."""
    path, needed, own = EXAMPLES[language]
    if shutil.which(needed) is None:
        pytest.skip(f"there is no {needed} on this machine")
    if language == "shell":
        return [str(FOLDER / path)]
    text = (FOLDER / path).read_text()
    assert text.count(own) == 1, f"{path} has no other work to replace"
    text = text if work is None else text.replace(own, work)
    if language in ("c", "rust"):
        return [_compiled(path, text)]
    program = Path(folder) / Path(path).name
    program.write_text(text)
    return {"python": [sys.executable], "node": ["node"], "java": ["java"]}[language] + [str(program)]


@functools.cache
def _compiled(path, text):
    """The program, compiled as the head of its file says. Once for each work."""
    folder = Path(_programs().name, str(len(list(Path(_programs().name).iterdir()))))
    folder.mkdir()
    (folder / Path(path).name).write_text(text)
    line, = re.findall(r"^//!? +((?:cc|rustc) .*)$", text, re.MULTILINE)
    subprocess.run(shlex.split(line), cwd=folder, check=True)
    return str(folder / "worker")


@functools.cache
def _programs():
    return tempfile.TemporaryDirectory(prefix="workers-")
