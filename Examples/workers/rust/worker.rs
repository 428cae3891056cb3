//! A worker: takes tasks off a queue, does them and answers. Needs Rust (1.74 or later) and no crate.
//!     rustc -O -o worker worker.rs
//!     ./worker QUEUE                               REDIS_URL and CANO_PREFIX say where
use std::io::{BufRead, BufReader, Error, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{channel, RecvTimeoutError::Timeout};
use std::{collections::HashMap, env, fs, net::TcpStream, os::unix::net::UnixStream, process, thread, time::Duration};

/// What this worker is for: put yours here. What it returns is the output, which is JSON; an `Err` fails the attempt. Work that takes long
/// looks at `lost` now and then, and returns an error once that is set: the task is no longer this worker's. Half an output may still count.
fn work(input: &str, _task: &HashMap<&str, &str>, _lost: &AtomicBool) -> Result<String, String> {
    Ok(format!("{{\"received\":{input}}}"))
}

static STOPPING: AtomicBool = AtomicBool::new(false);
extern "C" fn stop(_: i32) { STOPPING.store(true, SeqCst) } // the task in hand is finished, and at most one more
extern "C" { fn signal(number: i32, handler: extern "C" fn(i32)) -> usize; }

fn main() {
    unsafe { signal(15, stop) };
    let (prefix, queue) = (env::var("CANO_PREFIX").unwrap_or("cano".into()), env::args().nth(1).expect("worker QUEUE"));
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let me = format!("{}-{}", host.trim(), process::id()); // a consumer name that no other process has
    let place = Place { tasks: format!("{prefix}:tasks:{queue}"), results: format!("{prefix}:results"), me };
    while !STOPPING.load(SeqCst) {
        if let Err(error) = Bus::connect().and_then(|bus| place.serve(bus)) {
            eprintln!("{error}");
            thread::sleep(Duration::from_secs(1));
        }
    }
}

struct Place { tasks: String, results: String, me: String }
impl Place {
    fn serve(&self, mut bus: Bus) -> Result<(), Error> {
        let _ = bus.ask(&["XGROUP", "CREATE", &self.tasks, "workers", "0", "MKSTREAM"]); // that it is there already is what we hope for
        let read = ["XREADGROUP", "GROUP", "workers", &self.me, "COUNT", "1", "BLOCK", "2000", "STREAMS", &self.tasks, ">"];
        while !STOPPING.load(SeqCst) {
            let reply = bus.ask(&read)?;
            for entry in reply.items().iter().flat_map(|stream| stream.items()[1].items()) {
                let fields = entry.items()[1].items();
                let task = fields.chunks(2).map(|pair| (pair[0].text(), pair[1].text())).collect();
                self.perform(entry.items()[0].text(), task, &mut bus);
            }
        }
        Ok(())
    }

    fn perform(&self, entry: &str, task: HashMap<&str, &str>, bus: &mut Bus) {
        let (lost, (done, end)) = (AtomicBool::new(false), channel::<()>());
        let pause = Duration::from_millis(task["lease_ms"].parse::<u64>().unwrap_or(60_000) / 3);
        thread::scope(|threads| {
            // Is heard of three times a lease. Work that is always done within its lease needs none of this, and does not even connect.
            threads.spawn(|| {
                let (end, mut bus) = (end, None);
                while end.recv_timeout(pause) == Err(Timeout) {
                    let mut heard = || -> Result<Reply, Error> {
                        if bus.is_none() { bus = Some(Bus::connect()?) }
                        bus.as_mut().unwrap().ask(&["XCLAIM", &self.tasks, "workers", &self.me, "0", entry, "JUSTID"])
                    };
                    match heard() {
                        Ok(mine) => lost.store(mine.items().is_empty(), SeqCst),
                        Err(_) => bus = None, // the next one may get through
                    }
                }
            });
            let mut answer = match work(task["input"], &task, &lost) {
                Ok(output) if output.len() <= 262_144 => ["complete", "output", &output].map(String::from),
                Ok(_) => ["fail", "message", "the output is longer than 256 KiB"].map(String::from),
                Err(message) => ["fail", "message", &message].map(String::from),
            };
            if answer[0] == "fail" { while answer[2].len() > 1_024 { answer[2].pop(); } }
            let answer = ["XADD", &self.results, "*", "task", task["task"], "type", &answer[0], &answer[1], &answer[2]];
            while let Err(error) = bus.ask(&answer) { // it may have arrived all the same: a repeated answer changes nothing
                eprintln!("the answer to {} is sent again: {error}", task["task"]);
                thread::sleep(Duration::from_secs(1));
                if let Ok(again) = Bus::connect() { *bus = again }
            }
            drop(done);
        });
    }
}

enum Reply { Text(String), List(Vec<Reply>), Nothing }
impl Reply {
    fn text(&self) -> &str { if let Reply::Text(text) = self { text } else { "" } }
    fn items(&self) -> &[Reply] { if let Reply::List(items) = self { items } else { &[] } }
}

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}
struct Bus(BufReader<Box<dyn Stream>>);
impl Bus {
    fn connect() -> Result<Bus, Error> {
        let url = env::var("REDIS_URL").unwrap_or("redis://127.0.0.1:6379".into());
        if let Some(path) = url.strip_prefix("unix://") { return Ok(Bus(BufReader::new(Box::new(UnixStream::connect(path)?)))) }
        let server = url.trim_start_matches("redis://");
        let (user, server) = server.rsplit_once('@').unwrap_or(("", server));
        let stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut bus = Bus(BufReader::new(Box::new(stream)));
        if let Some((name, password)) = user.split_once(':') { bus.ask(&["AUTH", name, password])?; }
        Ok(bus)
    }

    fn ask(&mut self, words: &[&str]) -> Result<Reply, Error> {
        let mut command = format!("*{}\r\n", words.len());
        for word in words { command += &format!("${}\r\n{word}\r\n", word.len()) }
        self.0.get_mut().write_all(command.as_bytes())?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, Error> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 { return Err(Error::other("the connection is lost")) }
        let (kind, text) = line.trim_end().split_at(1);
        match (kind, text.parse::<usize>()) {
            ("-", _) => Err(Error::other(text)),
            ("*", Ok(count)) => Ok(Reply::List((0..count).map(|_| self.reply()).collect::<Result<_, _>>()?)),
            ("$", Ok(length)) => {
                let mut bytes = vec![0; length + 2];
                self.0.read_exact(&mut bytes)?;
                Ok(Reply::Text(String::from_utf8_lossy(&bytes[..length]).into()))
            }
            ("*" | "$", _) => Ok(Reply::Nothing),
            _ => Ok(Reply::Text(text.into())),
        }
    }
}
