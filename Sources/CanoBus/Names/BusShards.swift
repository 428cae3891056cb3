/// The shards of a bus: buses of their own, each on a part of a Redis Cluster, that share its runs.
///
/// The prefix of a shard is that of the whole and a number: `{cano}` in four shards is `{cano-0}`, `{cano-1}`, `{cano-2}` and `{cano-3}`. A bus of
/// one shard is not divided: its prefix is that of the whole.
public struct BusShards: Sendable, Hashable {
    /// The keys of each shard, in their order.
    public let keys: [BusKeys]
    /// How many shards the bus had before it grew, the latest number first: a run or a schedule that is on one of those stays there.
    public private(set) var earlierCounts: [Int] = []

    /// The most shards that a bus can have.
    public static let most = 256

    /// Divides a bus.
    ///
    /// - Parameters:
    ///   - prefix: The prefix of the whole, as ``BusKeys/init(prefix:)`` has it.
    ///   - count: How many shards it has.
    /// - Throws: ``BusError`` with the code `invalidName` when a prefix can't be used, or there can't be so many.
    public init(prefix: String = BusKeys.standardPrefix, count: Int = 1) throws(BusError) {
        guard (1...Self.most).contains(count) else {
            throw BusError(.invalidName, "A bus can't have \(count) shards: choose 1 to \(Self.most).")
        }
        guard count > 1 else {
            keys = [try BusKeys(prefix: prefix)]
            return
        }
        var keys: [BusKeys] = []
        for shard in 0..<count {
            let number = "-\(shard)"
            keys.append(try BusKeys(prefix: prefix.hasSuffix("}") ? prefix.dropLast() + number + "}" : prefix + number))
        }
        self.keys = keys
    }

    /// The same bus, which has grown.
    ///
    /// - Parameter counts: How many shards it had before, the latest number first; what is no such number counts for nothing.
    /// - Returns: The same shards, which know of the earlier ones.
    public func grown(from counts: [Int]) -> BusShards {
        var grown = self
        grown.earlierCounts = counts.filter { (1..<count).contains($0) }
        return grown
    }

    /// A bus that is not divided.
    package init(whole keys: BusKeys) { self.keys = [keys] }

    /// How many there are.
    public var count: Int { keys.count }

    /// The number of the shard that a run or a schedule is on, unless the bus has grown since it came to be.
    ///
    /// - Parameter name: The run's id, or the schedule's name. The runs of a schedule are on its shard, whatever their own ids say.
    /// - Returns: A number from 0.
    public func shard(of name: String) -> Int { RunShard.of(name, among: count) }

    /// The numbers of the shards that what has a name may be on, the likeliest first: those that it told before the bus grew are among them.
    package func shards(ofName name: String) -> [Int] {
        ([count] + earlierCounts).map { RunShard.of(name, among: $0) }.reduce(into: []) { shards, shard in
            if !shards.contains(shard) { shards.append(shard) }
        }
    }

    /// The numbers of the shards that a run may be on, the likeliest first: what stands before an `@` in its id may be the name of the schedule
    /// that it is a run of.
    package func shards(ofRun run: String) -> [Int] {
        let own = shards(ofName: run)
        guard let schedule = RunName.schedule(of: run) else { return own }
        return own + shards(ofName: schedule).filter { !own.contains($0) }
    }
}
