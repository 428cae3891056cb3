import CanoBus

@testable import CanoBridge

extension ShardForwarding {
    /// Of a bus that has no shards.
    static func undivided(_ bus: Bus) -> ShardForwarding {
        ShardForwarding(agreement: ShardAgreement(BusShards(whole: bus.keys)), here: 0, buses: [bus])
    }
}
