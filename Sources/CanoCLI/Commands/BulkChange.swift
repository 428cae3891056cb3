import ArgumentParser
import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis
import Foundation

/// Gives a command to all runs that a filter means, once that is agreed to.
struct BulkChange {
    /// What is asked of each run.
    enum Verb: String {
        case cancel, resume

        /// What becomes of a run.
        var outcome: String { self == .cancel ? "cancelled" : "resumed" }
    }

    let verb: Verb
    let filter: RunFilter
    let options: BulkOptions
    /// Publishes the command to these runs; the runs of which it is not known whether Redis has it.
    let send: (BusClient, [String]) async throws -> [String: RedisError]

    private static let page = 500

    func run(on bus: BusClient) async throws {
        if options.dryRun { return try await show(on: bus) }
        guard options.yes || Terminal.canAsk else { throw BulkOptions.noTerminal }
        // Only who sees how far it is, or is asked, is worth the time that counting takes.
        let total = Terminal.isError ? try await count(on: bus) : nil
        if let total, total == 0 { return try tell(asked: 0, failures: [:]) }
        if !options.yes, let total, !Terminal.confirms("\(verb.rawValue.capitalized) \(Counted.runs(total))?") {
            return StandardError.write("Nothing was done.")
        }
        try await change(bus, total)
    }

    private func show(on bus: BusClient) async throws {
        let isJSON = options.output.isJSON
        var printer = RunPrinter(isJSON: isJSON, limit: isJSON ? nil : 20)
        try await printer.print(filter, on: bus)
        let total = printer.hasMore ? try await count(on: bus) : printer.count
        StandardError.write("\(Counted.runs(total)) would be \(verb.outcome). Nothing was done.")
    }

    private func count(on bus: BusClient) async throws -> Int {
        var (total, cursor) = (0, nil as RunCursor?)
        repeat {
            let page = try await bus.runs(filter, after: cursor, count: Self.page)
            total += page.runs.count
            cursor = page.next
        } while cursor != nil
        return total
    }

    private func change(_ bus: BusClient, _ total: Int?) async throws {
        var bar = ProgressBar(of: total ?? 0, isShown: total != nil)
        let outcome = try await bus.ask(filter) {
            bar.show($0)
        } by: {
            try await send(bus, $0)
        }
        bar.end()
        try tell(asked: outcome.asked, failures: outcome.failures)
        if !outcome.failures.isEmpty { throw ExitCode.failure }
    }

    private func tell(asked: Int, failures: [String: RedisError]) throws {
        if options.output.isJSON {
            var text = JSONWriter()
            text.member(verb.rawValue, Int64(asked))
            text.member("unknown", Int64(failures.count))
            try StandardOutput.write(text.object)
        } else {
            try StandardOutput.write("\(Counted.runs(asked, "was", "were")) asked to be \(verb.outcome).")
        }
        for (run, error) in failures.sorted(by: { $0.key < $1.key }).prefix(5) { StandardError.write("\(run): \(error)") }
        guard !failures.isEmpty else { return }
        StandardError.write(
            "\(Counted.runs(failures.count)) may not have been asked. Give the same command again: it means those that are left.")
    }
}
