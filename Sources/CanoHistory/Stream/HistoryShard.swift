#if SQLite
    import CanoBus

    /// What a history is read from: a shard of its bus, or all of a bus that is not divided.
    struct HistoryShard: Sendable, Hashable {
        let keys: BusKeys
        /// Which shard it is, from 0.
        let number: Int
        /// The prefixes of all shards.
        let prefixes: [String]

        /// A shard of a bus.
        init(_ number: Int, of shards: BusShards) {
            keys = shards.keys[number]
            self.number = number
            prefixes = shards.keys.map(\.prefix)
        }

        /// All of a bus that is not divided.
        init(_ keys: BusKeys) {
            self.keys = keys
            number = 0
            prefixes = [keys.prefix]
        }
    }
#endif
