/// Measures the engine with the original's workloads and prints one table.
///
/// `--one-core` measures the rows whose original ran on one thread, and is to be run on one core; the table has no head then.
/// A word restricts the table to the workloads with it in their name. A name followed by `--iterations` and a number does that workload so many
/// times and measures nothing, for `instructions.py`.
@main
struct EngineBenchmarks {
    @concurrent static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let isOnOneCore = arguments.contains("--one-core")
        let word = arguments.first { !$0.hasPrefix("--") } ?? ""
        let all = [
            Chains.workloads, ObserversAndCheckpoints.workloads, Splits.workloads, Stores.workloads, ConcurrentRuns.workloads,
            RetriesAndBatches.workloads, Sagas.workloads, BreakerAndLimiter.workloads,
        ]
        if let flag = arguments.firstIndex(of: "--iterations") {
            guard let workload = all.joined().first(where: { $0.name == word }), let iterations = arguments.last.flatMap({ Int($0) }),
                flag == arguments.endIndex - 2
            else { throw Misuse() }
            return try await workload.body(iterations)
        }
        if !isOnOneCore { Table.printHead() }
        for workload in all.joined() where workload.isOnOneCore == isOnOneCore && (word.isEmpty || workload.name.contains(word)) {
            Table.printRow(workload, try await Measurement(of: workload))
        }
    }
}

private struct Misuse: Error, CustomStringConvertible {
    var description: String { "usage: engine \"<name of a workload>\" --iterations <count>" }
}
