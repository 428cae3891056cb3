import CanoRedis

/// Makes a run the caller's and reads its log.
struct AcquireRun: ScriptCall {
    enum Key: String, ScriptName { case run }
    enum Argument: String, ScriptName {
        case owner
        case lease = "lease_ms"
    }
    enum Answer {
        /// The run has no log.
        case unknown
        /// Another owner has a lease on it.
        case leased(owner: String)
        /// The run is the caller's. Its fields are the rows by sequence, and what says whose it is.
        case acquired(epoch: Int, fields: [(field: RESPBytes, value: RESPBytes)])
    }

    static let script = makeScript(
        "acquire_run", PackageResources.acquire_run_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let run: String
    let owner: String
    let lease: Duration

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.run, run) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, owner)
        arguments.append(.lease, lease)
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        let parts = reply.arrayValue ?? []
        switch (parts.first?.string, parts.count) {
        case ("none", 1): return .unknown
        case ("leased", 2):
            if let owner = parts[1].string { return .leased(owner: owner) }
        case ("ok", 3):
            if let epoch = parts[1].integerValue { return .acquired(epoch: Int(epoch), fields: try HGETALL.decode(parts[2])) }
        default: break
        }
        throw Self.unexpected(reply)
    }
}
