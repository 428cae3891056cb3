/// What is written to the shards of a bus that is to have more of them. Pure.
///
/// Runs and schedules stay where they are: each shard remembers how many there were, and a bridge looks there too. So nothing may be started by the
/// old number meanwhile, and no bridge may live. A growth that was interrupted is made again.
package struct ShardGrowth: Sendable, Hashable {
    /// What is known of a shard, or of one that is to be.
    package struct Seen: Sendable, Hashable {
        /// Its prefix.
        package let prefix: String
        /// What it says of its bus; nil where it says nothing.
        package let record: ShardRecord?
        /// The bridges that were heard of there lately.
        package let bridges: [String]

        package init(_ prefix: String, record: ShardRecord?, bridges: [String]) {
            self.prefix = prefix
            self.record = record
            self.bridges = bridges
        }
    }

    /// How many shards there were.
    package let earlier: Int
    /// What each shard says afterwards, in the order in which it is to be written: a bridge that knows the old number looks at the first one first.
    package let records: [ShardRecord]

    /// Decides what to write.
    ///
    /// - Parameter shards: The shards that the bus is to have, in their order.
    /// - Throws: ``BusError`` with the code `shardsDisagree`, which says what to do.
    package init(to shards: [Seen]) throws(BusError) {
        func problem(_ message: String) -> BusError { BusError(.shardsDisagree, message) }
        let count = shards.count
        guard let first = shards.first, let said = first.record else {
            throw problem(
                """
                No bus of several shards has been served here (there is no \(shards.first?.prefix ?? ""):shards): give the prefix of the whole bus. A bus that \
                is not divided can't be divided later; start one that is beside it.
                """)
        }
        guard said.shards != count || !said.earlier.isEmpty else { throw problem("The bus has \(count) shards already.") }
        guard said.shards <= count else { throw problem("The bus has \(said.shards) shards: choose more.") }
        let counts = said.shards == count ? said.earlier : [said.shards] + said.earlier
        let before = counts[0]
        for (number, seen) in shards.enumerated() {
            if !seen.bridges.isEmpty {
                throw problem(
                    """
                    Bridges serve the bus: stop \(seen.bridges.joined(separator: ", ")) first, and wait for half a minute where one was killed. What is \
                    under way waits until they are back.
                    """)
            }
            guard let record = seen.record else {
                guard number >= before else {
                    throw problem("\(seen.prefix) says nothing of its bus, and was shard \(number) of \(before).")
                }
                continue
            }
            // One that was there says the new number only where it was told so with the old one; a new one, where a bridge came too early.
            let hasGrown = record.shards == count && (number >= before || record.earlier == counts)
            guard number >= before || record.shards != said.earlier.first || said.shards == count else {
                throw problem(
                    "The growth from \(record.shards) shards to \(said.shards) was not finished: finish it first, with --to \(said.shards)."
                )
            }
            guard record.shard == number, hasGrown || number < before && record.shards == before else {
                throw problem(
                    """
                    \(seen.prefix) says that it is shard \(record.shard) of \(record.shards), and is to be shard \(number) of \(count): it is of another \
                    bus, or what it says (\(seen.prefix):shards) is damaged.
                    """)
            }
        }
        earlier = before
        records = shards.indices.map { ShardRecord($0, of: count, earlier: counts) }
    }
}
