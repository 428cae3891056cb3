/// What a server says about itself in its answer to `HELLO`, which no access control list can forbid.
struct ServerIntroduction: Sendable, Hashable {
    /// `standalone`, `cluster` or `sentinel`; nil of a server that does not say.
    let mode: String?
    /// `master` or `replica`; nil of a server that does not say.
    let role: String?

    /// Reads the names and values of the answer. A server before Redis 6 answers an error, which says nothing.
    init(_ reply: RESPValue) {
        let parts = reply.arrayValue ?? []
        func value(of name: String) -> String? {
            guard let index = parts.firstIndex(of: .bulk(Array(name.utf8))), index + 1 < parts.count else { return nil }
            return parts[index + 1].string
        }
        mode = value(of: "mode")
        role = value(of: "role")
    }

    var isReplica: Bool { role == "replica" }
    var isClusterNode: Bool { mode == "cluster" }
    var isSentinel: Bool { mode == "sentinel" }
}
