import CanoRedis

/// Gives the caller's run back.
struct ReleaseRun: ScriptCall {
    enum Key: String, ScriptName { case run }
    enum Argument: String, ScriptName { case owner, epoch }
    enum Answer: String {
        case released = "ok"
        /// The run is not the caller's.
        case lost
    }

    static let script = makeScript(
        "release_run", PackageResources.release_run_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let run: String
    let fence: Fence

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.run, run) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, fence.owner)
        arguments.append(.epoch, fence.epoch)
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        guard let answer = reply.string.flatMap(Answer.init) else { throw Self.unexpected(reply) }
        return answer
    }
}
