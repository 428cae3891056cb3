import CanoCore
import CanoPrimitives
import CanoRedis

/// Writes the script calls that set, remove and fire schedules.
struct ScheduleLetter: Sendable {
    let bus: BusKeys
    let bridge: String
    let limits: BusLimits

    /// Sets a schedule.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - position: Where it begins, if it is not due as before; nil when it would never be due.
    ///   - entry: Its entry.
    ///   - stream: Where it was read.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The call.
    func set(
        _ command: ScheduleCommand, at position: ScheduleState.Position?, entry: StreamEntryID, from stream: CommandParser.Stream,
        now: Int64
    ) -> RedisScriptCall {
        let definition = command.definition
        var call = self.call(
            BusScript.schedule, about: command.name, of: definition.workflow, definition.replyName, definition.trace, entry, stream, now)
        call.append(position?.next.map { String($0.due) } ?? "")
        call.append(position?.next.map { String($0.start) } ?? "")
        call.append(limits.retention.wholeMilliseconds)
        for (name, value) in definition.fields {
            call.append(name)
            call.append(value)
        }
        return call
    }

    /// Removes a schedule.
    func remove(
        _ command: UnscheduleCommand, entry: StreamEntryID, from stream: CommandParser.Stream, now: Int64
    ) -> RedisScriptCall {
        var call = self.call(BusScript.unschedule, about: command.name, of: "", command.replyName, command.trace, entry, stream, now)
        call.append(limits.retention.wholeMilliseconds)
        return call
    }

    private func call(
        _ script: RedisScript, about name: String, of workflow: String, _ replyName: String?, _ trace: TraceContext,
        _ entry: StreamEntryID, _ stream: CommandParser.Stream, _ now: Int64
    ) -> RedisScriptCall {
        var keys = [bus.inbound(stream), bus.schedule(named: name), bus.schedules, bus.events]
        if let replyName { keys.append(bus.replies(to: replyName)) }
        var call = RedisScriptCall(script, keys: keys)
        call.append(bridge)
        call.append(0)
        call.append(bus.eventSource + workflow)
        call.append(name)
        call.append(workflow)
        call.append(trace.parent)
        call.append(now)
        call.append(BusKeys.group)
        call.append(entry.description)
        call.append(Timestamp.text(now))
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        return call
    }

    /// Takes a schedule whose key was deleted off the list, unless it was set again meanwhile.
    func forget(_ name: String) -> RedisScriptCall {
        var call = RedisScriptCall(BusScript.fire, keys: [bus.schedule(named: name), bus.schedules, bus.commands])
        call.append(name)
        // What no schedule was ever set by: nothing else is done.
        for _ in 2...10 { call.append("") }
        return call
    }

    /// Fires what is due of a schedule and moves it on.
    func fire(_ schedule: StoredSchedule, _ step: ScheduleStep, now: Int64) -> RedisScriptCall {
        var call = RedisScriptCall(BusScript.fire, keys: [bus.schedule(named: schedule.name), bus.schedules, bus.commands])
        call.append(schedule.name)
        call.append(schedule.stand.order)
        call.append(schedule.stand.next)
        call.append(schedule.stand.backlog)
        call.append(step.position.next.map { String($0.due) } ?? "")
        call.append(step.position.backlog.map(String.init).joined(separator: ","))
        call.append(step.position.next.map { String($0.start) } ?? "")
        call.append(step.lookAgain)
        call.append(now)
        call.append(limits.retention.wholeMilliseconds)
        for due in step.due { call.append(due) }
        return call
    }
}
