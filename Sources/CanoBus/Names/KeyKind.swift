/// What the bus keeps under a key: a type of Redis.
package enum KeyKind: String, Sendable, Hashable {
    case stream, hash, list, string
    case sortedSet = "zset"

    /// What the bus keeps under a key of its own; nil for another key.
    package init?(_ key: String, of keys: BusKeys) {
        guard key.hasPrefix(keys.prefix + ":") else { return nil }
        let rest = key.dropFirst(keys.prefix.utf8.count + 1)
        switch rest.prefix(while: { $0 != ":" }) {
        case "commands", "control", "results", "tasks", "heldtasks", "events", "deadletters", "replies": self = .stream
        case "run", "runstore", "store", "schedule", "inbox", "opentasks", "graphs", "shards", "durability": self = .hash
        case "log": self = .list
        case "cancel": self = .string
        case "leases", "timers", "waits", "failed", "bridges", "workflows", "known", "schedules", "orphans", "queues", "deadlines":
            self = .sortedSet
        default: return nil
        }
    }
}
