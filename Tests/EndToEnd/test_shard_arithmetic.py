"""The shard of a run, as the contract has it in each language that examples are written in."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from support.bridge import REPOSITORY
from support.shards import COUNT, shard_of

PAGE = (REPOSITORY / "docs" / "contract.md").read_text()
SECTION = PAGE[PAGE.index("\n### Shards\n"):]
SECTION = SECTION[:SECTION.index("\n## ", 1)]
VECTORS = [
    (id, int(shards), int(number))
    for ids, *numbers in re.findall(r"^\| (`.+`) \| \d+ \| (\d+) \| (\d+) \| (\d+) \|$", SECTION, re.MULTILINE)
    for id in re.findall("`([^`]+)`", ids) for shards, number in zip((2, 16, 256), numbers)]
# What is around the function of the page: a program that is given ids, each with a number of shards.
PROGRAMS = {
    "c": ("shard.c", """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
%s
int main(int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) printf("%%u\\n", shard_of(words[i], atoi(words[i + 1])));
}
"""),
    "js": ("shard.mjs", """%s
for (let i = 2; i + 1 < process.argv.length; i += 2) console.log(shardOf(process.argv[i], Number(process.argv[i + 1])));
"""),
    "rust": ("shard.rs", """%s
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    for pair in words.chunks(2) { println!("{}", shard_of(&pair[0], pair[1].parse().unwrap())) }
}
"""),
    "java": ("Shard.java", """import java.nio.charset.StandardCharsets;
class Shard {
%s
public static void main(String[] words) {
    for (int i = 0; i + 1 < words.length; i += 2) System.out.println(shardOf(words[i], Integer.parseInt(words[i + 1])));
}
}
"""),
}
NEEDED = {"c": "cc", "js": "node", "rust": "rustc", "java": "java"}


def test_the_page_has_vectors_that_python_agrees_with():
    assert len(VECTORS) == 12 and all(shard_of(id, shards) == number for id, shards, number in VECTORS)


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_function_of_the_page_agrees_with_its_vectors(language, tmp_path):
    if shutil.which(NEEDED[language]) is None:
        pytest.skip(f"there is no {NEEDED[language]} on this machine")
    function, = re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    name, program = PROGRAMS[language]
    (tmp_path / name).write_text(program % function)
    build = {"c": ["cc", "-Wall", "-Wextra", "-Werror", "-o", "shard", name], "rust": ["rustc", "-D", "warnings", "-o", "shard", name]}
    if language in build:
        subprocess.run(build[language], cwd=tmp_path, check=True)
    run = {"js": ["node", name], "java": ["java", name]}.get(language, [str(tmp_path / "shard")])
    words = [word for id, shards, _ in VECTORS for word in (id, str(shards))]
    done = subprocess.run([*run, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == ([str(number) for _, _, number in VECTORS], "")


starters = pytest.mark.parametrize("words", [
    [sys.executable, str(REPOSITORY / "Examples" / "python" / "cano_bus.py"), "start"], [str(REPOSITORY / "Examples" / "shell" / "start.sh")],
], ids=["python", "shell"])


@starters
def test_the_examples_start_a_run_on_its_shard(words, shards):
    where = dict(os.environ, REDIS_URL=shards[0].server.url, CANO_PREFIX=shards.prefix, CANO_SHARDS=str(shards.count))
    for number in range(6):
        id = f"example-{number}"
        done = subprocess.run([*words, "trial", "{}", id], env=where, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert shards.home(id).record(id)["status"] == "completed" and all(bus.record(id) == {} for bus in shards if bus is not shards.home(id))


@starters
@pytest.mark.parametrize("told", [COUNT - 1, COUNT + 1])
def test_the_examples_start_nothing_when_they_are_told_another_number_of_shards(words, told, shards):
    where = dict(os.environ, REDIS_URL=shards[0].server.url, CANO_PREFIX=shards.prefix, CANO_SHARDS=str(told))
    done = subprocess.run([*words, "trial", "{}", "example-1"], env=where, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"the bus has {COUNT} shards, and this client was told {told}\n"
    assert shards[0].redis.keys("*:replies:*") == [] and all(bus.record("example-1") == {} for bus in shards)
