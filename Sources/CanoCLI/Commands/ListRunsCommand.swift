import ArgumentParser
import CanoBus
import CanoClient

/// `runs`: prints runs by what they are.
struct ListRunsCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "runs",
            abstract: "Prints the runs that failed, are under way, wait, or are to start later.",
            discussion: """
                Those that failed come first, the last one at their head. With them are the cancelled runs that could not be undone whole. \
                Runs that completed, or were cancelled and undone, are in no list of Redis: see events, or status for one of them. \
                Ends with 0 whether or not there are any, with 64 when an option is wrong, and with 1 when Redis can't be asked.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @OptionGroup var filter: RunFilterOptions

    @Option(help: "How many runs to print at most. (default: 100 of a table, else all)")
    var limit: Int?

    @Flag(help: "Print them again every two seconds, on a terminal, until interrupted.")
    var watch = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("Give a --limit of 1 or more.") }
        guard watch else { return }
        guard !output.json else { throw ValidationError("--watch prints a table: leave --json out, or use events --follow.") }
        guard Terminal.isOutput else { throw ValidationError("--watch needs a terminal: use events --follow elsewhere.") }
    }

    func run() async throws {
        try await redis.withBus { bus in
            if watch { return try await show(on: bus) }
            var printer = RunPrinter(isJSON: output.isJSON, limit: limit ?? (output.isJSON ? nil : 100))
            try await printer.print(try filter.filter(), on: bus)
            if printer.hasMore { StandardError.write("There are more than these \(printer.count.grouped): give a --limit.") }
        }
    }

    /// Shows them again and again.
    private func show(on bus: BusClient) async throws {
        while true {
            var page = try await bus.runs(try filter.filter(), count: 1)
            var runs = page.runs
            let most = min(limit ?? .max, max(1, Terminal.lines - 2))
            while runs.count < most, let next = page.next {
                page = try await bus.runs(try filter.filter(), after: next, count: most - runs.count)
                runs += page.runs
            }
            var table = TextTable(ListedRun.columns)
            for run in runs.prefix(most) { table.add(run.row) }
            try StandardOutput.replaceScreen(with: table.styledLines)
            try await Task.sleep(for: .seconds(2))
        }
    }
}
