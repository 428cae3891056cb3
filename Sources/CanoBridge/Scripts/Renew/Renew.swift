import CanoBus
import CanoRedis

/// Says that the bridge lives, and that runs are its own or no longer.
struct Renew: ScriptCall {
    enum Key: String, ScriptName { case bridges, workflows, known }

    enum Argument: String, ScriptName {
        case bridge
        case lease = "lease_ms"
        case listing = "listing_ms"
        case purpose
    }

    enum RunItem: String, ScriptItem {
        case id, epoch

        static let item = "run"
    }

    /// What becomes of the runs' leases.
    enum Purpose: String, Sendable {
        case renew
        /// The lease is set to 0: any bridge may go on at once.
        case release
    }

    static let script = makeScript(
        "renew", PackageResources.renew_lua, libraries: [ScriptLibrary.ownership, ScriptLibrary.events], items: [RunItem.self],
        constants: [ScriptConstant("most_known", BusLimits.knownWorkflows)])

    let bus: Bus
    let runs: [RunIdentity]
    let purpose: Purpose
    /// What the bridge says that it has; none to leave that as it is.
    let listings: [String]

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.bridges, bus.keys.bridges)
        keys.append(.workflows, bus.keys.workflows)
        keys.append(.known, bus.keys.known)
        for run in runs {
            keys.append(more: bus.keys.record(of: run.run))
            keys.append(more: bus.keys.leases(of: run.workflow, version: run.version))
        }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.lease, bus.limits.lease)
        // A bridge that misses two heartbeats is not offered commands any more.
        arguments.append(.listing, bus.limits.lease)
        arguments.append(.purpose, purpose.rawValue)
        arguments.append(list: listings)
        arguments.append(list: RunItem.self, count: runs.count) { list in
            for run in runs {
                list.append(.id, run.run)
                list.append(.epoch, run.epoch)
            }
        }
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> HeartbeatAnswer {
        guard let answer = HeartbeatAnswer(reply) else { throw Self.unexpected(reply) }
        return answer
    }
}
