import CanoRedis

/// Extends the leases of many of the caller's runs.
struct RenewLeases: ScriptCall {
    enum Argument: String, ScriptName {
        case owner
        case lease = "lease_ms"
    }

    static let script = makeScript(
        "renew_leases", PackageResources.renew_leases_lua, libraries: [OwnershipLua.library, PackageResources.run_log_lua])

    let owner: String
    let lease: Duration
    let runs: [(key: String, epoch: Int)]

    func write(_ keys: inout ScriptKeys<NoNames>) {
        for run in runs { keys.append(more: run.key) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.owner, owner)
        arguments.append(.lease, lease)
        arguments.append(list: runs.map { String($0.epoch) })
    }

    /// Whether each of the runs is the caller's, in their order.
    func answer(_ reply: RESPValue) throws -> [Bool] {
        guard let positions = reply.arrayValue?.map(\.integerValue) else { throw Self.unexpected(reply) }
        var isOwned = Array(repeating: true, count: runs.count)
        for position in positions {
            guard let position, (1...Int64(runs.count)).contains(position) else { throw Self.unexpected(reply) }
            isOwned[Int(position) - 1] = false
        }
        return isOwned
    }
}
