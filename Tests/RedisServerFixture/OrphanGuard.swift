import Subprocess

/// Ends a server whose test process died without a word, a crash included.
///
/// A shell waits on a pipe that only this process holds open. When it closes without a line before, the shell kills the server by
/// the number in its pid file and removes the folder.
final class OrphanGuard: Sendable {
    private let dismissal: AsyncStream<Never>.Continuation
    private let task: Task<Void, Never>

    init(pidFile: String, folder: String) {
        let (dismissed, dismissal) = AsyncStream.makeStream(of: Never.self)
        self.dismissal = dismissal
        task = Task {
            // A guard that cannot be run takes nothing from the test; it only cleans up less after a crash.
            _ = try? await run(
                .name("sh"),
                arguments: ["-c", "read -r _ || { kill -9 \"$(cat '\(pidFile)')\"; rm -rf '\(folder)'; }"],
                input: .inputWriter, output: .discarded, error: .discarded
            ) { execution in
                for await _ in dismissed {}
                _ = try await execution.standardInputWriter.write(Array("done\n".utf8))
            }
        }
    }

    /// The server was ended in the ordinary way.
    func dismiss() async {
        dismissal.finish()
        await task.value
    }
}
