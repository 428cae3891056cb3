import Synchronization

/// How many runs wait for workflows that no live bridge has, on all shards of a bus together.
final class UnservedRunCounts: Sendable {
    private struct State {
        /// By the prefix of the shard, and by what stands for the workflow.
        var counts: [String: [String: Int]] = [:]
        /// Those that were ever told of.
        var told: Set<String> = []
    }

    private let state = Mutex(State())

    /// Takes in what a shard has, by what stands for the workflow.
    ///
    /// - Returns: What all shards have, with none of those of which some had runs before.
    func set(_ counts: [String: Int], on prefix: String) -> [String: Int] {
        state.withLock { state in
            state.counts[prefix] = counts
            state.told.formUnion(counts.keys)
            let sums = Dictionary(uniqueKeysWithValues: state.told.map { ($0, 0) })
            return state.counts.values.reduce(into: sums) { $0.merge($1, uniquingKeysWith: +) }
        }
    }
}
