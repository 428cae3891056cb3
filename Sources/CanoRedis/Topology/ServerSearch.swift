/// Which server a connection tries next, and how soon. Decides only: no clock, no socket, no randomness.
///
/// There is one address, or there are several that can be asked for the right one: nodes of a cluster, of which each knows which of them serves
/// a slot, or sentinels, which know where their primary is. They are asked in rounds. One that names a server is followed at once; a server that
/// was named and isn't there is asked for again soon, elsewhere, since others may not know yet that it is gone.
struct ServerSearch {
    /// One attempt to connect.
    struct Attempt: Equatable {
        let address: RedisAddress
        /// Whether it is asked where the primary is, and nothing else.
        var isSentinel = false
    }

    /// How soon the next attempt may follow.
    enum Pace: Equatable {
        case atOnce
        /// After a pause that does not grow for long: a server that is asked lives, and the answer may be another any moment.
        case brief
        /// After a pause that grows with each failure.
        case growing
        /// The same, and not a short one: the server works and takes no writes.
        case unfit
    }

    /// Why a connection that was good is lost.
    enum Loss: Equatable {
        /// It was closed, or nothing came on it any more.
        case gone
        /// Its server takes no writes any more.
        case unfit
        /// Its server takes no writes since its replicas are gone, to another primary maybe.
        case forsaken
        /// Its server has given the slot to another node.
        case moved(Redirection)
    }

    private let seeds: [RedisAddress]
    private let asksSentinels: Bool
    /// The slot that is looked for on a cluster; nil until it is known.
    private(set) var slot: HashSlot?
    /// Nodes that the cluster has told of.
    private var nodes: [RedisAddress] = []
    /// Those that are still to be asked in this round.
    private var untried: [RedisAddress] = []
    /// The server that was named and is tried next.
    private var named: RedisAddress?
    /// Whether the present attempt, or connection, is to a server that was named.
    private var isAtNamed = false
    /// Whether a server has answered in this round.
    private var hasGuide = false
    /// How many servers in a row have named another.
    private var hops = 0
    /// The last node that has given the slot away.
    private var movedFrom: RedisAddress?
    /// The sentinel that has answered last: it is asked first the next time.
    private var guide: RedisAddress?
    private var hasBegun = false
    /// Where the present attempt, or connection, leads.
    private(set) var current: RedisAddress

    /// This many names are followed without a pause.
    private static let maximumHops = 4

    /// - Parameter configuration: The addresses, and the key whose slot is looked for.
    init(_ configuration: RedisConfiguration) {
        seeds = [configuration.address] + configuration.furtherAddresses
        asksSentinels = configuration.sentinel != nil
        slot = configuration.clusterKey.map { HashSlot(ofKey: $0) }
        current = configuration.address
    }

    /// Whether another server can be tried when one keeps silent.
    var hasAlternatives: Bool { asksSentinels || seeds.count + nodes.count > 1 }

    /// The next attempt.
    mutating func next() -> Attempt {
        defer { hasBegun = true }
        isAtNamed = named != nil
        if let named {
            current = named
            self.named = nil
            return Attempt(address: named)
        }
        if untried.isEmpty {
            untried = round()
            hasGuide = false
        }
        // A round is never empty; the last address stands in for the compiler's doubts.
        current = untried.isEmpty ? current : untried.removeFirst()
        return Attempt(address: current, isSentinel: asksSentinels)
    }

    /// The attempt led to a server that names another one.
    ///
    /// - Parameters:
    ///   - address: Where it sends to.
    ///   - slots: What it knows of its cluster.
    /// - Returns: How soon to go there.
    mutating func sent(to address: RedisAddress, knowing slots: ClusterSlots? = nil) -> Pace {
        if let slots, let slot { nodes = slots.nodes(nearest: slot) }
        if !isAtNamed { guide = current }
        named = address
        hasGuide = true
        hops += 1
        return hops <= Self.maximumHops ? .atOnce : .brief
    }

    /// The attempt has led to the right server.
    ///
    /// - Parameter slots: What it knows of its cluster.
    mutating func found(knowing slots: ClusterSlots? = nil) {
        if let slots, let slot { nodes = slots.nodes(nearest: slot) }
        hops = 0
        hasGuide = false
        untried = []
    }

    /// The attempt has failed.
    mutating func failed() -> Pace {
        if isAtNamed { return .brief }
        guard untried.isEmpty else { return .atOnce }
        return hasGuide ? .brief : .growing
    }

    /// Why a connection has to be given up whose server has answered with this error; nil where it stays.
    func loss(after error: RedisServerError) -> Loss? {
        if error.saysUnfit { return Redirection(error, by: current).map { .moved($0) } ?? .unfit }
        // Sentinels tell a primary that they have replaced it only some ten seconds later, and its clients nothing.
        return asksSentinels && error.saysForsaken ? .forsaken : nil
    }

    /// A connection that was good is lost.
    mutating func lost(_ loss: Loss) -> Pace {
        hops = 0
        hasGuide = false
        untried = []
        defer { if case .moved = loss {} else { movedFrom = nil } }
        switch loss {
        case .gone: return .growing
        case .unfit: return hasAlternatives ? .brief : .unfit
        // It may be the primary all the same, and without replicas for long.
        case .forsaken: return .unfit
        case .moved(let redirection):
            slot = redirection.slot
            named = redirection.address
            // Two nodes that each hold the other for the right one.
            let isBack = movedFrom == redirection.address
            movedFrom = current
            return isBack ? .brief : .atOnce
        }
    }

    /// A connection that was good was closed to take a read back: its server is still the right one, for all that is known.
    mutating func takenBack() {
        named = current
    }

    /// Whom to ask, in order: of a cluster first those that know the most, and the one that was tried last at the end.
    private func round() -> [RedisAddress] {
        var known: Set<RedisAddress> = []
        let all = (nodes + seeds).filter { known.insert($0).inserted }
        if asksSentinels {
            guard let guide, let first = all.firstIndex(of: guide) else { return all }
            return Array(all[first...] + all[..<first])
        }
        guard hasBegun, let last = all.firstIndex(of: current) else { return all }
        return Array(all[(last + 1)...] + all[...last])
    }
}
