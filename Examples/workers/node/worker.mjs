#!/usr/bin/env node
// A worker: takes tasks off a queue, does them and answers. Needs Node (18 or later) and no package.
//     worker.mjs QUEUE                             REDIS_URL and CANO_PREFIX say where
import net from "node:net";
import os from "node:os";

const { REDIS_URL: url = "redis://127.0.0.1:6379", CANO_PREFIX: prefix = "cano" } = process.env;
const tasks = `${prefix}:tasks:${process.argv[2]}`, results = `${prefix}:results`;
const me = `${os.hostname()}-${process.pid}`; // a consumer name that no other process has
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What this worker is for: put yours here. What it returns is the output, what it throws fails the attempt. Work that takes long looks at
// `lost.aborted` now and then, or hands `lost` on, and throws: the task is no longer this worker's then, and half an output may still count.
// Long computing belongs into a thread.
async function work(input, task, lost) {
  return { received: input };
}

// The client: one connection, made again with the next command when it is lost.
let socket = null;
let asked = [];
function ask(...words) {
  socket ??= connect();
  socket.write(`*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join(""));
  return new Promise((resolve, reject) => asked.push({ resolve, reject }));
}
function connect() {
  const { protocol, pathname, hostname, port, username, password } = new URL(url);
  const made = net.connect(protocol === "unix:" ? { path: pathname } : { host: hostname, port: port || 6379 });
  let data = Buffer.alloc(0);
  made.on("data", (more) => {
    data = Buffer.concat([data, more]);
    for (let found; (found = parse(data, 0)); data = data.subarray(found.end)) {
      const { resolve, reject } = asked.shift();
      found.value instanceof Error ? reject(found.value) : resolve(found.value);
    }
  });
  made.on("error", (error) => console.error(error.message));
  made.on("close", () => {
    socket = null;
    for (const { reject } of asked.splice(0)) reject(new Error("the connection is lost"));
  });
  socket = made;
  if (password) ask("AUTH", username || "default", decodeURIComponent(password)).catch((error) => console.error(error.message));
  return made;
}
// The reply that begins here, and where it ends; nothing while not all of it is there.
function parse(data, at) {
  const line = data.indexOf("\r\n", at), end = line + 2;
  if (line < 0) return;
  const [kind, text] = [String.fromCharCode(data[at]), data.toString("utf8", at + 1, line)];
  if (kind === "+" || kind === ":") return { value: text, end };
  if (kind === "-") return { value: new Error(text), end };
  if (text === "-1") return { value: null, end };
  if (kind === "$") return data.length < end + +text + 2 ? undefined : { value: data.toString("utf8", end, end + +text), end: end + +text + 2 };
  const list = { value: [], end };
  while (list.value.length < +text) {
    const one = parse(data, list.end);
    if (!one) return;
    list.value.push(one.value);
    list.end = one.end;
  }
  return list;
}

async function perform(entry, task) {
  const lost = new AbortController();
  // Is heard of three times a lease. Work that is always done within its lease needs none of this.
  const beat = setInterval(() => ask("XCLAIM", tasks, "workers", me, "0", entry, "JUSTID").then(
    (mine) => mine.length || lost.abort(), () => {}), task.lease_ms / 3);
  let answer;
  try {
    const output = JSON.stringify(await work(JSON.parse(task.input), task, lost.signal)) ?? "null";
    if (Buffer.byteLength(output) > 262_144) throw new Error("the output is longer than 256 KiB");
    answer = ["complete", "output", output];
  } catch (error) {
    const { written } = new TextEncoder().encodeInto(String(error.message ?? error), new Uint8Array(1_024));
    answer = ["fail", "message", Buffer.from(String(error.message ?? error)).toString("utf8", 0, written)];
  }
  for (let sent = false; !sent; ) {
    try {
      sent = await ask("XADD", results, "*", "task", task.task, "type", ...answer);
    } catch (error) { // it may have arrived all the same: a repeated answer changes nothing
      console.error(`the answer to ${task.task} is sent again: ${error.message}`);
      await pause(1_000);
    }
  }
  clearInterval(beat);
}

let stopping = false;
process.on("SIGTERM", () => (stopping = true)); // the task in hand is finished, and at most one more
while (!stopping) {
  try {
    await ask("XGROUP", "CREATE", tasks, "workers", "0", "MKSTREAM").catch(() => {}); // that it is there already is what we hope for
    while (!stopping) {
      const read = await ask("XREADGROUP", "GROUP", "workers", me, "COUNT", "1", "BLOCK", "2000", "STREAMS", tasks, ">");
      for (const [entry, fields] of read?.[0][1] ?? []) {
        await perform(entry, Object.fromEntries(fields.flatMap((name, i) => (i % 2 ? [] : [[name, fields[i + 1]]]))));
      }
    }
  } catch (error) {
    console.error(error.message);
    await pause(1_000);
  }
}
process.exit();
