import CanoPrimitives

/// On which of several buses a run is, for all who agree to share runs among them.
package enum RunShard {
    /// The shard of a run: the CRC16 that Redis Cluster uses of what stands before the first `//` in its id, modulo their number.
    ///
    /// No id that a command may name has a `//` in it. A schedule and its runs are on the shard of the schedule's name.
    ///
    /// - Parameters:
    ///   - run: The run's id, or a schedule's name.
    ///   - shards: How many there are; fewer than one count as one.
    /// - Returns: A number from 0.
    package static func of(_ run: String, among shards: Int) -> Int {
        let end = run.firstRange(of: RunName.reserved)?.lowerBound ?? run.endIndex
        return Int(CRC16.checksum(run[..<end].utf8)) % max(1, shards)
    }
}
