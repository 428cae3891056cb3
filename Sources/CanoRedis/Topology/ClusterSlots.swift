/// Which nodes of a cluster serve which slots, as one of them answers `CLUSTER SLOTS`.
struct ClusterSlots: Sendable, Hashable {
    private struct Range: Sendable, Hashable {
        let slots: ClosedRange<Int>
        /// The primary, and its replicas.
        let nodes: [RedisAddress]
    }

    private var ranges: [Range] = []

    /// Reads the reply; nil when it has another shape.
    ///
    /// - Parameters:
    ///   - reply: Ranges: their first and last slot, and the nodes that serve them, the primary first, each with its host and its port.
    ///   - asked: Where it was asked.
    init?(_ reply: RESPValue, by asked: RedisAddress) {
        guard let elements = reply.arrayValue else { return nil }
        for element in elements {
            guard let parts = element.arrayValue, parts.count >= 3, let first = parts[0].integerValue.flatMap({ Int(exactly: $0) }),
                let last = parts[1].integerValue.flatMap({ Int(exactly: $0) }), first <= last
            else { return nil }
            var nodes: [RedisAddress] = []
            for part in parts.dropFirst(2) {
                guard let node = part.arrayValue, node.count >= 2, node[0].isNull || node[0].string != nil,
                    let port = node[1].integerValue.flatMap({ Int(exactly: $0) }),
                    let address = RedisAddress(announced: node[0].string, port: port, by: asked)
                else { return nil }
                nodes.append(address)
            }
            ranges.append(Range(slots: first...last, nodes: nodes))
        }
    }

    /// The node that serves a slot; nil when none does.
    func primary(of slot: HashSlot) -> RedisAddress? { nodes(of: slot).first }

    /// All nodes, each once: those that know first when the primary of a slot is replaced come first, and that primary last.
    func nodes(nearest slot: HashSlot) -> [RedisAddress] {
        let own = nodes(of: slot)
        let others = ranges.flatMap { $0.nodes.prefix(1) } + ranges.flatMap { $0.nodes.dropFirst() }
        var known: Set<RedisAddress> = []
        return (own.dropFirst() + others.filter { $0 != own.first } + own.prefix(1)).filter { known.insert($0).inserted }
    }

    private func nodes(of slot: HashSlot) -> [RedisAddress] {
        ranges.first { $0.slots.contains(slot.number) }?.nodes ?? []
    }
}
