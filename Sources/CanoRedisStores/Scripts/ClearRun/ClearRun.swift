import CanoRedis

/// Removes the log of a run that is the caller's, or that no lease protects.
struct ClearRun: ScriptCall {
    enum Key: String, ScriptName { case run }
    enum Argument: String, ScriptName { case owner, epoch }
    enum Answer: String {
        case cleared = "ok"
        /// The run is another owner's.
        case lost
    }

    static let script = makeScript(
        "clear_run", PackageResources.clear_run_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let run: String
    let owner: String
    /// Nil when the caller does not own the run.
    let epoch: Int?

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.run, run) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, owner)
        arguments.append(.epoch, epoch.map { Int64($0) })
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        guard let answer = reply.string.flatMap(Answer.init) else { throw Self.unexpected(reply) }
        return answer
    }
}
