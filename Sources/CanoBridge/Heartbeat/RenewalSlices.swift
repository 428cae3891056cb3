import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Cuts a heartbeat into scripts of bounded size. Pure.
struct RenewalSlices: Sendable {
    let bus: BusKeys
    let bridge: String
    let workflows: [String]
    let limits: BusLimits

    enum Purpose: String, Sendable {
        case renew
        /// The lease is set to 0: any bridge may go on at once.
        case release
    }

    /// The runs in parts that one script takes; none when there are no runs.
    func slices(of runs: [RunIdentity]) -> [[RunIdentity]] { RenewalSchedule(of: runs).parts.map(\.runs) }

    /// The script for one part. It says that the bridge lives, and for a heartbeat's first also what workflows it has.
    func call(for runs: [RunIdentity], _ purpose: Purpose, listsWorkflows: Bool = false) -> RedisScriptCall {
        var call = RedisScriptCall(
            BusScript.renew, keys: [bus.leases, bus.bridges, bus.workflows] + runs.map { bus.record(of: $0.run) })
        call.append(bridge)
        call.append(limits.lease.wholeMilliseconds)
        // A bridge that misses two heartbeats is not offered commands any more.
        call.append(limits.lease.wholeMilliseconds)
        let listed = listsWorkflows ? workflows : []
        call.append(listed.count)
        for workflow in listed { call.append(workflow) }
        for run in runs {
            call.append(run.run)
            call.append(run.epoch)
            call.append(purpose.rawValue)
        }
        return call
    }
}
