/// The first commands on a connection, sent as one and checked before anything else is.
///
/// Nothing of the last connection is remembered by the server: credentials, database and name are given each time. A node of a cluster is asked
/// who serves the slot that is looked for; a sentinel is asked for the primary, and nothing else.
struct Handshake {
    private enum Step {
        case authenticate
        case selectDatabase
        case setName
        case introduction
        case ping
        case slots
        case primaryAddress
    }

    enum Progress {
        case waiting
        /// Send this too, and go on.
        case ask(RESPCommand)
        case complete
        /// Another server is the right one.
        case elsewhere(RedisAddress)
        case failed(RedisError)
    }

    /// What to send at first, in order.
    let commands: [RESPCommand]
    private let attempt: ServerSearch.Attempt
    private let slot: HashSlot?
    private let isOneOfSeveral: Bool
    private let primary: String
    /// Whose credentials are given.
    private let user: String
    private var expected: [Step]
    private var introduction: ServerIntroduction?
    /// A name that was refused: worth a word in the log, not the connection.
    private(set) var refusedName: RedisServerError?
    /// What a node says of its cluster.
    private(set) var slots: ClusterSlots?

    /// - Parameters:
    ///   - configuration: Credentials, database and name.
    ///   - attempt: Where the commands are sent.
    ///   - slot: The slot to look for on a cluster.
    init(_ configuration: RedisConfiguration, _ attempt: ServerSearch.Attempt, slot: HashSlot?) {
        self.attempt = attempt
        self.slot = slot
        isOneOfSeveral = configuration.sentinel == nil && !configuration.furtherAddresses.isEmpty
        primary = configuration.sentinel?.primary ?? ""
        let (username, password) =
            attempt.isSentinel
            ? (configuration.sentinel?.username, configuration.sentinel?.password) : (configuration.username, configuration.password)
        user = username ?? "default"
        var commands: [RESPCommand] = []
        var steps: [Step] = []
        if let password {
            commands.append(RESPCommand("AUTH", texts: (username.map { [$0] } ?? []) + [password]))
            steps.append(.authenticate)
        }
        if attempt.isSentinel {
            commands.append(RESPCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", primary))
            steps.append(.primaryAddress)
        } else {
            if configuration.database != 0 {
                commands.append(RESPCommand("SELECT", String(configuration.database)))
                steps.append(.selectDatabase)
            }
            if let name = configuration.clientName {
                commands.append(RESPCommand("CLIENT", "SETNAME", name))
                steps.append(.setName)
            }
            // The one way to ask for the role that no ACL can take away. Without a version it leaves the protocol as it is.
            commands.append(RESPCommand("HELLO"))
            steps.append(.introduction)
            // Tells a server that is loading its data, or wants a password we lack, from one that is ready.
            commands.append(RESPCommand("PING"))
            steps.append(.ping)
        }
        self.commands = commands
        expected = steps
    }

    /// Takes the next reply.
    mutating func receive(_ reply: RESPValue) -> Progress {
        guard !expected.isEmpty else { return .complete }
        let step = expected.removeFirst()
        if case .error(let error) = reply {
            if error.saysUnwelcome { return .failed(Self.refusal(error, "the server refused the connection")) }
            switch step {
            case .authenticate:
                return .failed(
                    RedisError(.authenticationFailed, "\(attempt.address) refused the credentials of the user \(user)", underlying: error))
            case .selectDatabase:
                return .failed(Self.refusal(error, "the server refused the database"))
            case .setName:
                refusedName = error
            case .introduction, .ping:
                // Other errors, such as a missing permission, concern the command itself and not those to come.
                guard ["LOADING", "NOAUTH"].contains(error.code) else { break }
                return .failed(Self.refusal(error, "the server is not ready"))
            case .slots:
                return withoutSlots(error)
            case .primaryAddress where error.code == "NOAUTH":
                return .failed(
                    RedisError(.authenticationFailed, "the sentinel wants a password: give it as sentinel_password", underlying: error))
            case .primaryAddress:
                return .failed(Self.refusal(error, "the server at \(attempt.address) says no primary: it must be a sentinel"))
            }
        }
        switch step {
        case .introduction: if let failure = introduce(ServerIntroduction(reply)) { return .failed(failure) }
        case .slots: return decide(ClusterSlots(reply, by: attempt.address))
        case .primaryAddress: return decide(primaryAt: reply)
        case .authenticate, .selectDatabase, .setName, .ping: break
        }
        guard expected.isEmpty else { return .waiting }
        guard slot != nil, introduction?.isClusterNode == true else { return .complete }
        expected = [.slots]
        return .ask(RESPCommand("CLUSTER", "SLOTS"))
    }

    /// Why a server that says this can't be the right one; nil when it can.
    private mutating func introduce(_ introduction: ServerIntroduction) -> RedisError? {
        self.introduction = introduction
        // A replica in a cluster knows its primary, and sends commands there.
        if introduction.isClusterNode { return nil }
        if introduction.isSentinel {
            return RedisError(
                .invalidConfiguration, "the server is a sentinel: write redis+sentinel://host:port/name for the primary that it knows")
        }
        if isOneOfSeveral {
            return RedisError(
                .invalidConfiguration,
                """
                several addresses are for the nodes of a cluster, and \(attempt.address) is none: give one address, or those of its sentinels \
                with redis+sentinel://
                """)
        }
        guard introduction.isReplica else { return nil }
        return RedisError(.connectFailed, "the server is a replica, which takes no writes: give the address of its primary")
    }

    /// A node tells who serves the slot.
    private mutating func decide(_ slots: ClusterSlots?) -> Progress {
        guard let slots, let slot else {
            return .failed(RedisError(.unexpectedReply, "the server's answer to CLUSTER SLOTS can't be read"))
        }
        self.slots = slots
        guard let node = slots.primary(of: slot) else {
            return .failed(RedisError(.connectFailed, "no node of the cluster serves slot \(slot.number)"))
        }
        guard node == attempt.address else { return .elsewhere(node) }
        guard introduction?.isReplica != true else {
            return .failed(
                RedisError(.connectFailed, "the node \(node) is called the primary of slot \(slot.number) and says it is a replica"))
        }
        return .complete
    }

    /// A user who may not ask goes where `MOVED` sends.
    private func withoutSlots(_ error: RedisServerError) -> Progress {
        guard introduction?.isReplica == true else { return .complete }
        return .failed(Self.refusal(error, "the server is a replica in a cluster, and does not say who serves slot \(slot?.number ?? 0)"))
    }

    /// A sentinel tells where the primary is.
    private func decide(primaryAt reply: RESPValue) -> Progress {
        if reply.isNull {
            return .failed(
                RedisError(
                    .connectFailed, "the sentinel \(attempt.address) knows no primary called \(primary): check the name in the address"))
        }
        guard let parts = reply.arrayValue, parts.count == 2, let host = parts[0].string, let port = parts[1].integerValue,
            let port = Int(exactly: port), let address = RedisAddress(announced: host, port: port, by: attempt.address)
        else { return .failed(RedisError(.unexpectedReply, "the sentinel \(attempt.address) answers no address")) }
        return .elsewhere(address)
    }

    private static func refusal(_ error: RedisServerError, _ message: String) -> RedisError {
        switch error.code {
        case "NOAUTH": RedisError(.authenticationFailed, "the server wants a password", underlying: error)
        case "LOADING": RedisError(.connectFailed, "the server is loading its data", underlying: error)
        default: RedisError(.connectFailed, message, underlying: error)
        }
    }
}
