/// The first commands on a connection, sent as one and checked before anything else is.
///
/// Nothing of the last connection is remembered by the server: credentials, database and name are given each time.
struct Handshake {
    private enum Step {
        case authenticate
        case selectDatabase
        case setName
        case role
        case ping
    }

    enum Progress {
        case waiting
        case complete
        case failed(RedisError)
    }

    /// What to send, in order.
    let commands: [RESPCommand]
    private var expected: ArraySlice<Step>
    /// A name that was refused: worth a word in the log, not the connection.
    private(set) var refusedName: RedisServerError?

    init(_ configuration: RedisConfiguration) {
        var commands: [RESPCommand] = []
        var steps: [Step] = []
        if let password = configuration.password {
            commands.append(RESPCommand("AUTH", texts: (configuration.username.map { [$0] } ?? []) + [password]))
            steps.append(.authenticate)
        }
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
        steps.append(.role)
        // Tells a server that is loading its data, or wants a password we lack, from one that is ready.
        commands.append(RESPCommand("PING"))
        steps.append(.ping)
        self.commands = commands
        expected = steps[...]
    }

    /// Takes the next reply.
    mutating func receive(_ reply: RESPValue) -> Progress {
        guard let step = expected.popFirst() else { return .complete }
        if case .error(let error) = reply {
            if error.saysUnwelcome { return .failed(Self.refusal(error, "the server refused the connection")) }
            switch step {
            case .authenticate:
                return .failed(RedisError(.authenticationFailed, "the server refused the credentials", underlying: error))
            case .selectDatabase:
                return .failed(Self.refusal(error, "the server refused the database"))
            case .setName:
                refusedName = error
            case .role, .ping:
                // Other errors, such as a missing permission, concern the command itself and not those to come.
                guard ["LOADING", "NOAUTH"].contains(error.code) else { break }
                return .failed(Self.refusal(error, "the server is not ready"))
            }
        }
        if case .role = step, Self.role(reply) == "replica" {
            return .failed(RedisError(.connectFailed, "the server is a replica, which takes no writes: give the address of its primary"))
        }
        return expected.isEmpty ? .complete : .waiting
    }

    /// The role of the server, from the names and values that `HELLO` answers.
    private static func role(_ reply: RESPValue) -> String? {
        guard let parts = reply.arrayValue, let name = parts.firstIndex(of: .bulk(Array("role".utf8))), name + 1 < parts.count else {
            return nil
        }
        return parts[name + 1].string
    }

    private static func refusal(_ error: RedisServerError, _ message: String) -> RedisError {
        switch error.code {
        case "NOAUTH": RedisError(.authenticationFailed, "the server wants a password", underlying: error)
        case "LOADING": RedisError(.connectFailed, "the server is loading its data", underlying: error)
        default: RedisError(.connectFailed, message, underlying: error)
        }
    }
}
