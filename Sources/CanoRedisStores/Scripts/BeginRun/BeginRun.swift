import CanoRedis

/// Writes the first row of a run, which makes the run the caller's.
struct BeginRun: ScriptCall {
    enum Key: String, ScriptName { case run }
    enum Argument: String, ScriptName {
        case owner
        case lease = "lease_ms"
        case sequence, row
    }
    enum Answer: Equatable {
        /// The row is written, now or by an earlier call.
        case begun(epoch: Int)
        /// Another owner has a lease on the run.
        case leased(owner: String)
        /// The run has a log.
        case taken
    }

    static let script = makeScript(
        "begin_run", PackageResources.begin_run_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let run: String
    let owner: String
    let lease: Duration
    let sequence: Int
    let row: String

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.run, run) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, owner)
        arguments.append(.lease, lease)
        arguments.append(.sequence, sequence)
        arguments.append(.row, row)
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        let parts = reply.arrayValue ?? []
        switch (parts.first?.string, parts.count) {
        case ("ok", 2):
            if let epoch = parts[1].integerValue { return .begun(epoch: Int(epoch)) }
        case ("leased", 2):
            if let owner = parts[1].string { return .leased(owner: owner) }
        case ("taken", 1): return .taken
        default: break
        }
        throw Self.unexpected(reply)
    }
}
