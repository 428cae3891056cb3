// A worker: takes tasks off a queue, does them and answers. Needs Java (17 or later) and no library.
//     java Worker.java QUEUE                       REDIS_URL and CANO_PREFIX say where
import java.io.*;
import java.net.*;
import java.nio.channels.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicBoolean;
import static java.nio.charset.StandardCharsets.UTF_8;

class Worker {
    static final URI url = URI.create(System.getenv().getOrDefault("REDIS_URL", "redis://127.0.0.1:6379"));
    static final String prefix = System.getenv().getOrDefault("CANO_PREFIX", "cano");
    static String tasks, results = prefix + ":results", me;
    static volatile boolean stopping;

    /** What this worker is for: put yours here. What it returns is the output, which is JSON; what it throws fails the attempt. Work that takes
        long looks at `lost` now and then, and throws once that is set: the task is no longer this worker's. It never
        returns what is half done, for a late output may still count. */
    static String work(String input, Map<String, String> task, AtomicBoolean lost) throws Exception {
        return "{\"received\":" + input + "}";
    }

    public static void main(String[] words) throws Exception {
        tasks = prefix + ":tasks:" + words[0];
        me = InetAddress.getLocalHost().getHostName() + "-" + ProcessHandle.current().pid(); // a consumer name that no other process has
        var main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // SIGTERM: the task in hand is finished, and at most one more
            stopping = true;
            try { main.join(); } catch (InterruptedException e) { return; }
            Runtime.getRuntime().halt(0);
        }));
        var bus = new Bus();
        while (!stopping) {
            try {
                try { bus.ask("XGROUP", "CREATE", tasks, "workers", "0", "MKSTREAM"); } catch (RedisError there) { } // is what we hope for
                while (!stopping) {
                    var read = bus.ask("XREADGROUP", "GROUP", "workers", me, "COUNT", "1", "BLOCK", "2000", "STREAMS", tasks, ">");
                    if (read == null) continue;
                    for (var entry : list(list(list(read).get(0)).get(1))) {
                        var fields = list(list(entry).get(1)).iterator();
                        var task = new HashMap<String, String>();
                        while (fields.hasNext()) task.put((String) fields.next(), (String) fields.next());
                        perform((String) list(entry).get(0), task, bus);
                    }
                }
            } catch (IOException error) {
                System.err.println(error.getMessage());
                Thread.sleep(1_000);
            }
        }
    }

    static void perform(String entry, Map<String, String> task, Bus bus) throws InterruptedException {
        var lost = new AtomicBoolean();
        var pause = Long.parseLong(task.get("lease_ms")) / 3;
        var heart = Executors.newSingleThreadScheduledExecutor();
        var own = new Bus();
        heart.scheduleAtFixedRate(() -> { // is heard of three times a lease; work that is always done within its lease needs none of this
            try {
                if (list(own.ask("XCLAIM", tasks, "workers", me, "0", entry, "JUSTID")).isEmpty()) lost.set(true);
            } catch (IOException error) { } // the next one may get through
        }, pause, pause, TimeUnit.MILLISECONDS);
        String[] answer;
        try {
            var output = work(task.get("input"), task, lost);
            if (output.getBytes(UTF_8).length > 262_144) throw new Exception("the output is longer than 256 KiB");
            answer = new String[] {"complete", "output", output};
        } catch (Exception error) {
            var message = String.valueOf(error.getMessage());
            while (message.getBytes(UTF_8).length > 1_024) message = message.substring(0, message.offsetByCodePoints(message.length(), -1));
            answer = new String[] {"fail", "message", message};
        }
        for (boolean sent = false; !sent;) {
            try {
                bus.ask("XADD", results, "*", "task", task.get("task"), "type", answer[0], answer[1], answer[2]);
                sent = true;
            } catch (IOException error) { // it may have arrived all the same: a repeated answer changes nothing
                System.err.println("the answer to " + task.get("task") + " is sent again: " + error.getMessage());
                Thread.sleep(1_000);
            }
        }
        heart.shutdownNow();
        heart.awaitTermination(10, TimeUnit.SECONDS);
        own.close();
    }

    @SuppressWarnings("unchecked") static List<Object> list(Object reply) { return (List<Object>) reply; }

    static class RedisError extends IOException { RedisError(String text) { super(text); } }

    /** A client with one connection, made with the first command, and again after an outage. */
    static class Bus {
        Closeable connection;
        DataInputStream in;
        OutputStream out;

        Object ask(String... words) throws IOException {
            try {
                if (connection == null) connect();
                var command = new StringBuilder("*" + words.length + "\r\n");
                for (var word : words) command.append("$" + word.getBytes(UTF_8).length + "\r\n" + word + "\r\n");
                out.write(command.toString().getBytes(UTF_8));
                out.flush();
                return reply();
            } catch (RedisError error) {
                throw error;
            } catch (IOException error) {
                close();
                throw error;
            }
        }
        void connect() throws IOException {
            if (url.getScheme().equals("unix")) {
                var channel = SocketChannel.open(UnixDomainSocketAddress.of(url.getPath()));
                connection = channel;
                in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
                out = Channels.newOutputStream(channel);
            } else {
                var socket = new Socket(url.getHost(), url.getPort() < 0 ? 6379 : url.getPort());
                connection = socket;
                socket.setSoTimeout(10_000);
                in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                out = socket.getOutputStream();
            }
            if (url.getUserInfo() != null) ask("AUTH", url.getUserInfo().split(":")[0], url.getUserInfo().split(":")[1]);
        }
        Object reply() throws IOException {
            var line = new StringBuilder();
            for (byte next; (next = in.readByte()) != '\n';) line.append((char) next);
            var text = line.substring(1, line.length() - 1);
            switch (line.charAt(0)) {
                case '-': throw new RedisError(text);
                case '$':
                    if (text.equals("-1")) return null;
                    var bytes = new byte[Integer.parseInt(text)];
                    in.readFully(bytes);
                    in.readShort();
                    return new String(bytes, UTF_8);
                case '*':
                    if (text.equals("-1")) return null;
                    var items = new ArrayList<Object>();
                    for (int left = Integer.parseInt(text); left > 0; left--) items.add(reply());
                    return items;
                default: return text;
            }
        }
        void close() {
            try { if (connection != null) connection.close(); } catch (IOException error) { }
            connection = null;
        }
    }
}
