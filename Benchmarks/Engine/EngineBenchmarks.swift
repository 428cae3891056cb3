/// Measures the engine with the original's workloads and prints one table.
///
/// `--one-core` measures the rows whose original ran on one thread, and is to be run on one core; the table has no head then.
/// A word restricts the table to the workloads with it in their name.
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
        if !isOnOneCore { Table.printHead() }
        for workload in all.joined() where workload.isOnOneCore == isOnOneCore && (word.isEmpty || workload.name.contains(word)) {
            Table.printRow(workload, try await Measurement(of: workload))
        }
    }
}
