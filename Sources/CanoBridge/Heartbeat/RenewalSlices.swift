import CanoRedis

/// Cuts a heartbeat into scripts of bounded size. Pure.
struct RenewalSlices: Sendable {
    /// The most runs one script renews.
    static let runsPerSlice = 200

    let bus: BusKeys
    let bridge: String
    let workflows: [String]
    let limits: BusLimits

    enum Purpose: String, Sendable {
        case renew
        /// The lease is set to 0: any bridge may go on at once.
        case release
    }

    /// The scripts of one heartbeat: at least one, which says that the bridge lives.
    func calls(for runs: [RunIdentity], _ purpose: Purpose) -> [RedisScriptCall] {
        var calls: [RedisScriptCall] = []
        var rest = runs[...]
        repeat {
            let slice = rest.prefix(Self.runsPerSlice)
            rest = rest.dropFirst(slice.count)
            calls.append(call(for: slice, purpose, isFirst: calls.isEmpty))
        } while !rest.isEmpty
        return calls
    }

    private func call(for runs: ArraySlice<RunIdentity>, _ purpose: Purpose, isFirst: Bool) -> RedisScriptCall {
        var call = RedisScriptCall(
            BusScript.renew, keys: [bus.leases, bus.bridges, bus.workflows] + runs.map { bus.record(of: $0.run) })
        call.append(bridge)
        call.append(limits.lease.wholeMilliseconds)
        // A bridge that misses two heartbeats is not offered commands any more.
        call.append(limits.lease.wholeMilliseconds)
        let listed = isFirst ? workflows : []
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
