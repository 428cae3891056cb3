import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// Rejects a command, or answers it when its run is known.
struct Reject: ScriptCall {
    enum Key: String, ScriptName {
        case commands
        case deadLetters = "dead_letters"
        case events, record
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case code, message, time, data, scope
        case sourcePrefix = "source_prefix"
        case input
        case replyName = "reply_name"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case isStart = "is_start"
    }

    /// Which commands the call consumes.
    enum Scope: String, Sendable {
        /// All, and no record is looked at.
        case any
        /// All; one whose run is known is answered rather than rejected.
        case known
        /// Only one whose run is known: another stays where it is.
        case onlyKnown = "only-known"
    }

    enum Answer: Sendable, Hashable {
        case rejected
        /// Its run is known, and it was answered.
        case duplicate
        /// Its run is not known, and it is where it was.
        case unknown
        /// It was taken already.
        case gone
        /// The parent of the child that it was to start is to be told, and is here: nothing was written.
        case parent(ChildEnd.ParentPlace)
    }

    static let script = makeScript(
        "reject", PackageResources.reject_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.replyNames,
            ScriptLibrary.duplicates, ScriptLibrary.openChildren, ScriptLibrary.waits, ScriptLibrary.parents,
        ],
        items: [ParentItem.self], constants: ScriptConstant.duplicates + [ScriptConstant("most_fields", BusLimits.commandFields)])

    let bus: Bus
    let rejection: Rejection
    let entry: StreamEntry
    let stream: InboundStream
    let scope: Scope
    /// What the parent is told of the child that the command was to start; nil where that is none.
    var child: ChildEnd?
    /// Milliseconds since 1970.
    let made: Int64

    /// Rejects a command, unless its run is known and the reason yields to that.
    init(_ rejection: Rejection, of entry: StreamEntry, from stream: InboundStream, on bus: Bus) {
        let yields = rejection.yieldsToKnownRun && rejection.addressee.run != nil
        self.init(rejection, of: entry, from: stream, scope: yields ? .known : .any, on: bus)
    }

    /// Answers a command if its run is known, and else does nothing.
    init(ifRunIsKnown rejection: Rejection, of entry: StreamEntry, from stream: InboundStream, on bus: Bus) {
        self.init(rejection, of: entry, from: stream, scope: .onlyKnown, on: bus)
    }

    private init(_ rejection: Rejection, of entry: StreamEntry, from stream: InboundStream, scope: Scope, on bus: Bus) {
        self.bus = bus
        self.rejection = rejection
        self.entry = entry
        self.stream = stream
        self.scope = scope
        made = bus.clock.now
        if rejection.isStart, let run = rejection.addressee.run {
            let error = CanoError(.configuration, rejection.message, code: rejection.code.rawValue, isRetryable: false)
            child = ChildEnd(of: run, workflow: rejection.addressee.workflow ?? "", endedBy: error, made: made)
        }
    }

    private var addressee: Rejection.Addressee { rejection.addressee }

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.deadLetters, bus.keys.deadLetters)
        keys.append(.events, bus.keys.events)
        keys.append(.record, bus.keys.record(of: addressee.run ?? ""))
        if let name = addressee.replyName { keys.append(more: bus.keys.replies(to: name)) }
        keys.append(parentOf: child, on: bus.keys)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.epoch, 0)
        arguments.append(.source, bus.keys.eventSource(of: addressee.workflow ?? ""))
        arguments.append(.run, addressee.run ?? entry.id.description)
        arguments.append(.workflow, addressee.workflow)
        arguments.append(.traceparent, addressee.traceparent)
        arguments.append(.made, made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.id.description)
        arguments.append(.commandID, CommandEntryID(entry.id.description, on: stream).description)
        arguments.append(.code, rejection.code.rawValue)
        arguments.append(.message, rejection.message)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.data, CommandRejected(rejection, entry: entry.id.description, fields: entry.fields).json)
        arguments.append(.scope, scope.rawValue)
        arguments.append(.sourcePrefix, bus.keys.eventSourcePrefix)
        arguments.append(.input, addressee.input)
        arguments.append(.replyName, addressee.replyName)
        arguments.append(replies: bus.limits)
        arguments.append(.isStart, rejection.isStart)
        arguments.append(parentOf: child)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        if let place = ChildEnd.ParentPlace(reply) { return .parent(place) }
        switch reply.string {
        case "rejected": return .rejected
        case "duplicate": return .duplicate
        case "unknown": return .unknown
        case "gone": return .gone
        default: throw Self.unexpected(reply)
        }
    }
}
