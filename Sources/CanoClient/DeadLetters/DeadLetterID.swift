import CanoBus
public import CanoRedis

/// What names a dead letter: its entry and, on a bus of several shards, the shard that has it, for two shards may give out the same entry.
///
/// In the order of the entries; of the same one that of the lower shard comes first.
public struct DeadLetterID: Sendable, Hashable, Comparable, LosslessStringConvertible {
    /// Its entry on the stream of dead letters.
    public let entry: StreamEntryID
    /// The number of the shard; nil on a bus that is not divided.
    public let shard: Int?

    /// Names a letter.
    public init(_ entry: StreamEntryID, shard: Int? = nil) {
        self.entry = entry
        self.shard = shard
    }

    /// Reads `<entry>`, or `<entry>@<shard>`; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let entry = StreamEntryID(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(entry)
            return
        }
        guard let shard = Int(parts[1]), shard >= 0 else { return nil }
        self.init(entry, shard: shard)
    }

    /// The entry and, where there are several, the number of its shard behind an `@`.
    public var description: String { shard.map { "\(entry)@\($0)" } ?? "\(entry)" }

    /// Whether one comes before the other.
    public static func < (one: DeadLetterID, other: DeadLetterID) -> Bool {
        (one.entry, one.shard ?? 0) < (other.entry, other.shard ?? 0)
    }

    // MARK: Where a list goes on

    /// The oldest entry of a shard that comes after this letter in the list of all shards; nil where there can't be any.
    func next(on shard: Int) -> StreamEntryID? { shard <= self.shard ?? 0 ? entry.next : entry }

    /// The newest entry of a shard that comes before this letter in the list of all shards, or is this one; nil where there can't be any.
    func through(on shard: Int) -> StreamEntryID? { shard <= self.shard ?? 0 ? entry : entry.previous }

    /// The letter before this one, whichever there is: reading back from it leaves this one out.
    package var previous: DeadLetterID? {
        guard let shard else { return entry.previous.map { DeadLetterID($0) } }
        return shard > 0 ? DeadLetterID(entry, shard: shard - 1) : entry.previous.map { DeadLetterID($0, shard: BusShards.most - 1) }
    }
}
