import Logging
import Subprocess

/// Ends a server whose owner died without a word, as a killed process does.
///
/// A shell waits on a pipe that only the owner holds open, and asks the server to end when the pipe closes. Nothing has to notice the
/// death but the operating system, and it is the same on Linux and macOS. The shell takes no notice of signals that end the whole group of
/// its owner: the server has its own time to end.
struct ServerGuard: Sendable {
    let logger: Logger

    /// Guards the server with this process number until the task is cancelled.
    func guardServer(_ process: ProcessIdentifier) async {
        do {
            _ = try await run(
                .name("sh"), arguments: ["-c", "trap '' HUP INT TERM; read -r _; kill -TERM \"$0\"", "\(process.value)"],
                input: .inputWriter, output: .discarded, error: .discarded
            ) { _ in
                // Cancelled once the server has ended or is told to; the shell is killed then.
                try await Task.sleep(for: .seconds(1_000_000_000))
            }
        } catch is CancellationError {
        } catch {
            logger.warning("the embedded redis-server would outlive this process if it is killed", metadata: ["error": "\(error)"])
        }
    }
}
