import CanoBus
import Synchronization

/// The shards of a bus as they are written on it: how many there were before is known once one has been read.
final class ShardAgreement: Sendable {
    private let state: Mutex<BusShards>

    init(_ shards: BusShards) {
        state = Mutex(shards)
    }

    /// The shards.
    var shards: BusShards { state.withLock { $0 } }

    /// The bus has grown from these numbers of shards, the latest first. One of its shards may not have heard of all.
    func learn(earlierCounts: [Int]) {
        state.withLock { shards in
            if earlierCounts.count > shards.earlierCounts.count { shards = shards.grown(from: earlierCounts) }
        }
    }
}
