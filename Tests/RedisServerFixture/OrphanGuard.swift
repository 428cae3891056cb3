import Subprocess

/// Ends a server whose test process died without a word, a crash included, and removes its folder.
///
/// A shell waits on a pipe that only this process holds open. When it closes without a line before, the shell kills the server by
/// the number in its pid file. It takes no notice of signals that end the whole group of the test process: a keyboard's interrupt,
/// and the hang-up that a server which is held still brings on everyone.
final class OrphanGuard: Sendable {
    private let dismissal: AsyncStream<Never>.Continuation
    private let task: Task<Void, Never>

    /// Returns once the shell is there: nothing that needs guarding may begin before.
    init(pidFile: String, folder: String) async {
        let (dismissed, dismissal) = AsyncStream.makeStream(of: Never.self)
        let (started, start) = AsyncStream.makeStream(of: Never.self)
        self.dismissal = dismissal
        task = Task {
            // A guard that cannot be run takes nothing from the test; it only cleans up less after a crash.
            _ = try? await run(
                .name("sh"),
                arguments: [
                    "-c", "trap '' HUP INT TERM; read -r _ || { kill -9 \"$(cat '\(pidFile)')\"; rm -rf '\(folder)'; }",
                ],
                input: .inputWriter, output: .discarded, error: .discarded
            ) { execution in
                start.finish()
                for await _ in dismissed {}
                _ = try await execution.standardInputWriter.write(Array("done\n".utf8))
            }
            start.finish()
        }
        for await _ in started {}
    }

    /// The server was ended in the ordinary way.
    func dismiss() async {
        dismissal.finish()
        await task.value
    }
}
