import ArgumentParser
import CanoBus
import CanoClient
import CanoCore

/// `start`: publishes a start command and, when asked, waits for its result.
struct StartRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "start",
            abstract: "Starts a run.",
            discussion: """
                Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed, was cancelled, or the \
                command was rejected. Any client can do the same: one XADD, and an XREAD for the answer.
                """)
    }

    @Argument(help: "The workflow's name.")
    var workflow: String

    @OptionGroup var redis: RedisOptions

    @OptionGroup var input: InputOption

    @Option(help: "The run's id; no id runs twice. (default: a new id)")
    var id: String?

    @Option(help: "The version of the workflow that may run it.")
    var version: String?

    @Option(name: .customLong("delay-seconds"), help: "How long to wait before the run starts.", transform: Duration.seconds(typed:))
    var delay: Duration?

    @Option(
        name: .customLong("limit-seconds"), help: "How long the run may take once it has started.", transform: Duration.seconds(typed:))
    var limit: Duration?

    @OptionGroup var attributes: AttributeOptions

    @OptionGroup var waiting: RunWaitOptions

    func validate() throws {
        _ = try attributes.attributes()
        if let id { try RunWaitOptions.requireRunID(id) }
    }

    func run() async throws {
        let workflow = WorkflowReference.json(workflow, version: version)
        let input = JSONText(try input.json())
        let id = id ?? "\(RunID.random())"
        let options = StartOptions(beginning: delay.map { .after($0) }, timeout: limit, attributes: try attributes.attributes())
        let line = try await redis.withBus(replyName: waiting.replyTo) { bus in
            guard waiting.wait else {
                return try await bus.start(workflow, input, id: id, options: options, replyName: waiting.replyTo).id
            }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.warnUnlessServed(workflow, id, on: bus) }
                defer { group.cancelAll() }
                return try await bus.execute(workflow, input, id: id, options: options, within: waiting.timeout).text
            }
        }
        try StandardOutput.write(line)
    }

    /// Says after a moment what a start waits for that no bridge can take: a mistyped name or prefix, mostly.
    private static func warnUnlessServed(
        _ workflow: WorkflowReference<JSONText, JSONText>, _ run: String, on bus: BusClient
    ) async throws {
        try await Task.sleep(for: .seconds(2))
        guard try await bus.bridges(serving: workflow, ofRun: run).isEmpty else { return }
        guard try await bus.bridges().contains(where: { $0.silence < .seconds(30) }) else {
            return StandardError.write("No bridge lives on the bus \"\(bus.prefix)\". The start waits there until one does.")
        }
        let version = workflow.version.map { " in version \"\($0)\"" } ?? ""
        StandardError.write(
            """
            No live bridge has the workflow "\(workflow.name)"\(version) on the bus "\(bus.prefix)". The start waits for one, and is \
            rejected when none comes within half a minute, or within 5 s where no bridge has ever had it.
            """)
    }
}
