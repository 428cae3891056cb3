import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// Fires what is due of a schedule and moves it on.
struct Fire: ScriptCall {
    enum Key: String, ScriptName { case schedule, schedules, commands, events }

    enum Argument: String, ScriptName {
        case name, order
        case nextBefore = "next_before"
        case backlogBefore = "backlog_before"
        case lastBefore = "last_before"
        case next = "next_due"
        case backlog, start
        case lookAgain = "look_again"
        case made, bridge, source, time
        case retention = "retention_ms"
    }

    /// A due time that is left out.
    enum SkippedItem: String, ScriptItem {
        case due, data

        static let item = "skipped"
    }

    enum Answer: Sendable, Hashable {
        /// So many starts were published.
        case fired(Int)
        /// Another bridge has fired it, or it was set, removed, paused or run.
        case moved
        /// There is none.
        case gone
    }

    static let script = makeScript(
        "fire", PackageResources.fire_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.severalEntries, ScriptLibrary.fields, ScriptLibrary.firings,
        ],
        items: [SkippedItem.self])

    let bus: Bus
    let schedule: StoredSchedule
    let step: ScheduleStep
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.schedule, bus.keys.schedule(named: schedule.name))
        keys.append(.schedules, bus.keys.schedules)
        keys.append(.commands, bus.keys.commands)
        keys.append(.events, bus.keys.events)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.name, schedule.name)
        arguments.append(.order, schedule.revision.order)
        arguments.append(.nextBefore, schedule.revision.next)
        arguments.append(.backlogBefore, schedule.revision.backlog)
        arguments.append(.lastBefore, schedule.revision.lastEntry)
        arguments.append(.next, step.position.next?.due)
        arguments.append(.backlog, step.position.backlog.map(String.init).joined(separator: ","))
        arguments.append(.start, step.position.next?.start)
        arguments.append(.lookAgain, step.lookAgain)
        arguments.append(.made, made)
        arguments.append(.bridge, bus.bridge)
        arguments.append(.source, bus.keys.eventSource(of: schedule.definition.workflow))
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.retention, bus.limits.retention)
        arguments.append(list: step.due.map(String.init))
        arguments.append(list: SkippedItem.self, count: step.leftOut.count) { list in
            for skipped in step.leftOut {
                list.append(.due, skipped.due)
                list.append(.data, skipped.json)
            }
        }
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        switch (reply.integerValue, reply.string) {
        case (let count?, _): return .fired(Int(count))
        case (_, "moved"): return .moved
        case (_, "gone"): return .gone
        default: throw Self.unexpected(reply)
        }
    }
}
