import CanoBus
import CanoPrimitives
import CanoRedis

/// Carries out a cancel command.
struct Cancel: ScriptCall {
    enum Key: String, ScriptName { case commands, record, cancellation, events, timers, leases, waits, inbox, workflows }

    enum Argument: String, ReplyArguments {
        case bridge
        case sourcePrefix = "source_prefix"
        case run, workflow, version, made, group, entry
        case commandID = "command_id"
        case reason, time
        case replyName = "reply_name"
        case replyNames = "reply_names"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case retention = "retention_ms"
    }

    enum Answer: Sendable, Hashable {
        /// Its owner is to be told, or a run that waits is woken, and this is the reason that counts.
        case asked(reason: String)
        /// No live bridge has its workflow in this version, and the entry is where it was. The reason is in its record. A run that waited is now one
        /// that was handed back, so that it can be ended.
        case stranded(reason: String)
        case cancelled
        /// The run is over.
        case duplicate
        /// It has no record, and the entry is where it was.
        case unknown
        /// The entry was taken already.
        case gone
        /// The record is not the one that was read: nothing was written.
        case moved
    }

    static let script = makeScript(
        "cancel", PackageResources.cancel_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.replies, ScriptLibrary.replyNames,
            ScriptLibrary.duplicates,
            ScriptLibrary.waking,
        ],
        constants: ScriptConstant.duplicates + [.cancelled])

    let bus: Bus
    let command: CancelCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// What the run's record says.
    let seen: SeenRun
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.record, bus.keys.record(of: command.run))
        keys.append(.cancellation, bus.keys.cancellation(of: command.run))
        keys.append(.events, bus.keys.events)
        keys.append(.timers, bus.keys.timers(of: seen.workflow, version: seen.version))
        keys.append(.leases, bus.keys.leases(of: seen.workflow, version: seen.version ?? ""))
        keys.append(.waits, bus.keys.waits(of: seen.workflow, version: seen.version ?? ""))
        keys.append(.inbox, bus.keys.inbox(of: command.run))
        keys.append(.workflows, bus.keys.workflows)
        if let name = command.replyName { keys.append(more: bus.keys.replies(to: name)) }
        for stream in bus.keys.replies(toEach: seen.replyNames) { keys.append(more: stream) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.sourcePrefix, bus.keys.eventSourcePrefix)
        arguments.append(.run, command.run)
        arguments.append(.workflow, seen.workflow)
        arguments.append(.version, seen.version)
        arguments.append(.made, made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: stream).description)
        arguments.append(.reason, command.reason)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.replyName, command.replyName)
        arguments.append(.replyNames, seen.replyNames)
        arguments.append(replies: bus.limits)
        arguments.append(.retention, bus.limits.retention)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        switch reply.string {
        case "cancelled": return .cancelled
        case "duplicate": return .duplicate
        case "unknown": return .unknown
        case "gone": return .gone
        case "moved": return .moved
        default: break
        }
        guard let parts = reply.arrayValue, parts.count == 2, let text = parts[1].string else { throw Self.unexpected(reply) }
        switch parts[0].string {
        case "asked": return .asked(reason: text)
        case "stranded": return .stranded(reason: text)
        default: throw Self.unexpected(reply)
        }
    }
}
