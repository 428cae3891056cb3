import Glibc
import Subprocess
import Synchronization

/// One running redis-server, from its start to its end.
final class ServerProcess: Sendable {
    let pid: pid_t
    private let task: Task<Void, Never>

    private init(pid: pid_t, task: Task<Void, Never>) {
        self.pid = pid
        self.task = task
    }

    /// Starts a server and waits until it says that it takes connections, its data loaded.
    static func start(_ arguments: [String]) async throws -> ServerProcess {
        let (ready, signal) = AsyncThrowingStream.makeStream(of: pid_t.self)
        let task = Task {
            var log: [String] = []
            do {
                _ = try await run(
                    .name("redis-server"), arguments: Arguments(arguments), input: .none, output: .sequence, error: .discarded
                ) { execution in
                    for try await line in execution.standardOutput.strings() {
                        // The log goes on being read so that the server never waits for a full pipe.
                        if log.count < 100 { log.append(line) }
                        if line.lowercased().contains("ready to accept connections") {
                            signal.yield(execution.processIdentifier.value)
                        }
                    }
                }
                signal.finish(throwing: FixtureError("redis-server ended:\n\(log.joined(separator: "\n"))"))
            } catch {
                signal.finish(throwing: FixtureError("redis-server cannot be run: \(error)"))
            }
        }
        for try await pid in ready { return ServerProcess(pid: pid, task: task) }
        throw FixtureError("redis-server said nothing")
    }

    /// Sends a signal; nothing else may be a process of this number as long as `ended` was not awaited.
    func signal(_ number: Int32) {
        _ = kill(pid, number)
    }

    /// Waits for the process to be gone.
    func ended() async {
        await task.value
    }
}
