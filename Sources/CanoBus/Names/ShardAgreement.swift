import Synchronization

/// The shards of a bus as they are written on it: how many there were before is known once one of them has been read.
package final class ShardAgreement: Sendable {
    private let state: Mutex<BusShards>

    /// - Parameter shards: The shards, of which nothing has been read.
    package init(_ shards: BusShards) {
        state = Mutex(shards)
    }

    /// The shards.
    package var shards: BusShards { state.withLock { $0 } }

    /// The bus has grown from these numbers of shards, the latest first. One of its shards may not have heard of all.
    package func learn(earlierCounts: [Int]) {
        state.withLock { shards in
            if earlierCounts.count > shards.earlierCounts.count { shards = shards.grown(from: earlierCounts) }
        }
    }
}
