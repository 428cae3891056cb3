import CanoBus
import CanoPrimitives
import CanoRedis

/// Carries out a cancel command.
struct Cancel: ScriptCall {
    enum Key: String, ScriptName { case commands, record, cancellation, events, timers }

    enum Argument: String, ReplyArguments {
        case bridge
        case sourcePrefix = "source_prefix"
        case run, made, group, entry, reason, time
        case replyName = "reply_name"
        case replyNames = "reply_names"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case retention = "retention_ms"
    }

    enum Answer: Sendable, Hashable {
        /// Its owner is to be told, and this is the reason that counts.
        case asked(reason: String)
        case cancelled
        /// The run is over.
        case duplicate
        /// It has no record, and the entry is where it was.
        case unknown
        /// The entry was taken already.
        case gone
        /// The record names these reply streams: nothing was written.
        case replies(String)
    }

    static let script = makeScript(
        "cancel", PackageResources.cancel_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.replies, ScriptLibrary.replyNames, ScriptLibrary.duplicates,
        ],
        constants: ScriptConstant.duplicates + [.cancelled])

    let bus: Bus
    let command: CancelCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// The reply streams of the run that the script may write to, besides the command's own.
    let replyNames: String
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.record, bus.keys.record(of: command.run))
        keys.append(.cancellation, bus.keys.cancellation(of: command.run))
        keys.append(.events, bus.keys.events)
        keys.append(.timers, bus.keys.timers)
        if let name = command.replyName { keys.append(more: bus.keys.replies(to: name)) }
        for stream in bus.keys.replies(toEach: replyNames) { keys.append(more: stream) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.sourcePrefix, bus.keys.eventSourcePrefix)
        arguments.append(.run, command.run)
        arguments.append(.made, made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.reason, command.reason)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.replyName, command.replyName)
        arguments.append(.replyNames, replyNames)
        arguments.append(replies: bus.limits)
        arguments.append(.retention, bus.limits.retention)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        switch reply.string {
        case "cancelled": return .cancelled
        case "duplicate": return .duplicate
        case "unknown": return .unknown
        case "gone": return .gone
        default: break
        }
        guard let parts = reply.arrayValue, parts.count == 2, let text = parts[1].string else { throw Self.unexpected(reply) }
        switch parts[0].string {
        case "asked": return .asked(reason: text)
        case "replies": return .replies(text)
        default: throw Self.unexpected(reply)
        }
    }
}
