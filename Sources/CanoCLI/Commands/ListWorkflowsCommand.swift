import ArgumentParser
import CanoClient

/// `workflows`: prints the workflows of the bus.
struct ListWorkflowsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "workflows",
            abstract: "Prints the workflows that bridges have, or have had, and how many of their runs are not over.",
            discussion: """
                Where nothing starts, look here first: a workflow, or a version of one, with runs and without a bridge goes on once a bridge \
                has it. A version "any" is of runs that are to start later, in whichever version there is then. With --graph it prints what they \
                look like, as bridges have published it, and ends with 1 where there is no such graph.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @OptionGroup var output: OutputOptions

    @Option(
        help: "Print what the workflows look like instead, as a text that draws them: \(GraphLanguage.choices).",
        transform: GraphLanguage.init(typed:))
    var graph: GraphLanguage?

    @Option(help: "Only this workflow.")
    var workflow: String?

    @Option(help: "Only this version.")
    var version: String?

    func validate() throws {
        guard graph == nil || !output.json && !output.table else { throw ValidationError("--graph prints neither a table nor JSON.") }
    }

    func run() async throws {
        try await redis.withBus { bus in
            let meant = try await bus.workflows().filter {
                (workflow == nil || $0.name == workflow) && (version == nil || $0.version == version)
            }
            guard let graph else { return try ListPrinter.print(meant, isJSON: output.isJSON) }
            try await draw(meant, in: graph, on: bus)
        }
    }

    /// Prints the graphs, each behind a comment that says what it is of.
    private func draw(_ workflows: [ServedWorkflow], in language: GraphLanguage, on bus: BusClient) async throws {
        var count = 0
        for workflow in workflows {
            guard let version = workflow.version, let graph = try await bus.graph(of: workflow.name, version: version) else { continue }
            if count > 0 { try StandardOutput.write("") }
            count += 1
            try StandardOutput.write("\(language.comment) \(workflow.name)@\(version)")
            for line in language.text(of: graph).split(separator: "\n") { try StandardOutput.write(String(line)) }
        }
        guard count > 0 else {
            StandardError.write("No bridge has published such a graph: one does so at its start, of each of its workflows.")
            throw ExitCode.failure
        }
    }
}
