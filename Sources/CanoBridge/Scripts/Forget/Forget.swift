import CanoRedis

/// Takes a name off lists, unless there is what it names.
struct Forget: ScriptCall {
    enum Key: String, ScriptName { case subject }
    enum Argument: String, ScriptName { case name }

    enum Answer: String, Sendable {
        case forgotten
        /// There is what it names: nothing was written.
        case known
    }

    static let script = makeScript("forget", PackageResources.forget_lua)

    let name: String
    /// The key of what it names.
    let subject: String
    /// The sorted sets it is listed in.
    let lists: [String]

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.subject, subject)
        for list in lists { keys.append(more: list) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) { arguments.append(.name, name) }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
