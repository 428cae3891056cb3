import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Writes the script calls that take a run over.
struct ClaimLetter: Sendable {
    let bus: BusKeys
    let bridge: String
    let limits: BusLimits

    /// Asks for a run whose lease expired or was handed back, or that is due.
    ///
    /// - Parameters:
    ///   - candidate: The run, as it was read.
    ///   - workflow: Its workflow.
    ///   - mayTakeOver: Whether an expired lease may be taken for its owner's death.
    ///   - replyNames: The reply streams the script may write to.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The call.
    func claim(
        _ candidate: ClaimCandidate, of workflow: RegisteredWorkflow, mayTakeOver: Bool, replyNames: String, now: Int64
    ) -> RedisScriptCall {
        let run = candidate.run
        var call = RedisScriptCall(BusScript.claim, keys: claimKeys(of: run) + bus.replies(toEach: replyNames))
        call.append(bridge)
        call.append(candidate.epoch + 1)
        call.append(bus.eventSource + workflow.name)
        call.append(run)
        call.append(workflow.name)
        call.append(candidate.traceparent)
        call.append(now)
        call.append(Timestamp.text(now))
        call.append(limits.lease.wholeMilliseconds)
        call.append(mayTakeOver ? 1 : 0)
        call.append(SuspectIsolation.maximumTakeovers)
        call.append(workflow.version)
        call.append(workflow.firstRow.state)
        call.append(RowCodec.encode(workflow.firstRow))
        call.append(replyNames)
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        call.append(limits.retention.wholeMilliseconds)
        return call
    }

    /// Takes a run that has no record off the lists of leases and due times.
    func forget(_ run: String) -> RedisScriptCall {
        var call = RedisScriptCall(BusScript.claim, keys: claimKeys(of: run))
        call.append(bridge)
        // No record has the epoch before this one.
        call.append(0)
        call.append(bus.eventSource)
        call.append(run)
        for _ in 5...18 { call.append("") }
        return call
    }

    private func claimKeys(of run: String) -> [String] {
        [bus.record(of: run), bus.log(of: run), bus.runStore(of: run), bus.events, bus.leases, bus.timers, bus.deadLetters]
    }

    /// Lets a failed run go on, which a command asked for.
    func resume(
        _ command: ResumeCommand, entry: StreamEntryID, record: RunRecord, of workflow: RegisteredWorkflow, now: Int64
    ) -> RedisScriptCall {
        let run = command.run
        var keys = [bus.commands, bus.record(of: run), bus.log(of: run), bus.runStore(of: run), bus.events, bus.leases]
        if let name = command.replyName { keys.append(bus.replies(to: name)) }
        var call = RedisScriptCall(BusScript.resume, keys: keys)
        call.append(bridge)
        call.append(record.epoch + 1)
        call.append(bus.eventSource + workflow.name)
        call.append(run)
        call.append(workflow.name)
        call.append(record.trace.parent)
        call.append(now)
        call.append(BusKeys.group)
        call.append(entry.description)
        call.append(Timestamp.text(now))
        call.append(limits.lease.wholeMilliseconds)
        call.append(command.replyName ?? "")
        return call
    }
}
