import CanoRedis

/// Adds a row to the log of the caller's run.
struct AppendRow: ScriptCall {
    enum Key: String, ScriptName { case run }
    enum Argument: String, ScriptName {
        case owner, epoch
        case lease = "lease_ms"
        case sequence, row, replaced
    }
    enum Answer: String {
        case written = "ok"
        /// An earlier call has written the row.
        case again
        /// Another row has its sequence.
        case taken
        /// The run is not the caller's.
        case lost
    }

    static let script = makeScript(
        "append_row", PackageResources.append_row_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let run: String
    let fence: Fence
    let lease: Duration
    let sequence: Int
    let row: String
    /// The sequence of the first row that this one takes the place of; those behind it go too.
    let replaced: Int?

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.run, run) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, fence.owner)
        arguments.append(.epoch, fence.epoch)
        arguments.append(.lease, lease)
        arguments.append(.sequence, sequence)
        arguments.append(.row, row)
        arguments.append(.replaced, replaced.map { Int64($0) })
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        guard let answer = reply.string.flatMap(Answer.init) else { throw Self.unexpected(reply) }
        return answer
    }
}
