/// What a shard says of the bus that it is a part of: the fields of `P:shards`.
package struct ShardRecord: Sendable, Hashable {
    /// How many shards there are.
    package var shards: Int
    /// Which one this is, from 0.
    package var shard: Int
    /// How many there were before, the latest number first.
    package var earlier: [Int] = []

    /// - Parameters:
    ///   - shard: Which one this is.
    ///   - shards: How many there are.
    ///   - earlier: How many there were before, the latest number first.
    package init(_ shard: Int, of shards: Int, earlier: [Int] = []) {
        self.shard = shard
        self.shards = shards
        self.earlier = earlier
    }

    /// Reads the fields of a record; nil where there is none, or it is not one.
    package init?(_ fields: [String: String]) {
        guard let shards = fields[Field.shards.rawValue].flatMap({ Int($0) }), let shard = fields[Field.shard.rawValue].flatMap({ Int($0) })
        else { return nil }
        self.init(shard, of: shards, earlier: Self.counts(fields[Field.earlierShards.rawValue] ?? ""))
    }

    /// Reads numbers of shards that there were.
    package static func counts(_ text: String) -> [Int] { text.split(separator: ",").compactMap { Int($0) } }

    /// The fields, by their names.
    package var fields: [(name: String, value: String)] {
        [
            (Field.shards.rawValue, String(shards)), (Field.shard.rawValue, String(shard)),
            (Field.earlierShards.rawValue, earlier.map(String.init).joined(separator: ",")),
        ].filter { !$0.1.isEmpty }
    }
}
