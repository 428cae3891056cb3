import ArgumentParser
import CanoBus
import CanoClient
import CanoPrimitives

/// `worker-check`: takes a worker through what the contract asks of it.
struct CheckWorkerCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "worker-check",
            abstract: "Checks that a worker, in whichever language, keeps the contract.",
            discussion: """
                It plays the part of the bridges on a queue: start your worker on the same server, prefix and queue. It gives it work that \
                succeeds, fails, is asked for again, outlasts its lease, and is withdrawn, and prints a line for each rule: ✓ it is kept, ✗ what \
                the worker did and has to do instead, - it could not be tried. Ends with 1 when a rule is broken. \
                It refuses a prefix that bridges serve or have served.
                """)
    }

    @OptionGroup var server: ServerOption

    @Option(help: "The prefix of the check and the worker: one that no bridge serves.")
    var prefix = "cano-check"

    @Option(help: "The worker's queue.")
    var queue: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Work that succeeds, as JSON; @FILE reads it from a file, - from standard input.", valueName: "json"))
    var input = #"{"check":"succeed"}"#

    @Option(parsing: .unconditional, help: ArgumentHelp("Work that fails. Without it that is not tried.", valueName: "json"))
    var failingInput: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Work that succeeds and takes longer than two leases. Without it heartbeats are not tried.", valueName: "json"))
    var slowInput: String?

    @Option(name: .customLong("lease-seconds"), help: "The lease of slow work. (default: 2)", transform: Duration.seconds(typed:))
    var lease = Duration.seconds(2)

    @Option(
        name: .customLong("patience-seconds"),
        help: "How long to wait for the worker to take a task, and then to answer it. (default: 60)", transform: Duration.seconds(typed:))
    var patience = Duration.seconds(60)

    func validate() throws {
        guard lease >= .milliseconds(100) else { throw ValidationError("Give --lease-seconds of 0.1 or more.") }
        guard patience >= .seconds(1) else { throw ValidationError("Give --patience-seconds of 1 or more.") }
    }

    func run() async throws {
        let plan = WorkerCheckPlan(
            success: try Self.json(input, called: "input"), failure: try failingInput.map { try Self.json($0, called: "failing input") },
            slow: try slowInput.map { try Self.json($0, called: "slow input") }, lease: lease, patience: patience)
        let isKept = try await server.withBus(prefix: prefix) { bus in
            StandardError.write(
                "Start the worker with the prefix \(prefix) and the queue \(queue), on this server. The check waits for it.")
            var isKept = true
            try await bus.checkWorker(of: queue, plan) { finding in
                isKept = isKept && !finding.isBroken
                try StandardOutput.write(finding.line)
            }
            return isKept
        }
        if !isKept { throw ExitCode.failure }
    }

    /// JSON as it may be on a queue.
    private static func json(_ typed: String, called name: String) throws -> String {
        let text = try CanoClient.JSONText(typed: typed, called: name).text
        do throws(JSONSyntax.Problem) { try JSONSyntax.check(text) } catch {
            throw ValidationError("The \(name) is not JSON: \(error.message), at byte \(error.offset).")
        }
        guard text.utf8.count <= BusLimits.taskBytes else {
            throw ValidationError("The \(name) is longer than the \(BusLimits.taskBytes) bytes that a task may have.")
        }
        return text
    }
}
