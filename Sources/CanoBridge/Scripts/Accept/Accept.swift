import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Takes a start command off its stream and begins its run, now or at a later moment.
struct Accept: ScriptCall {
    enum Key: String, ScriptName {
        case commands, record, log
        case runStore = "run_store"
        case events, leases, timers, cancellation, inbox, orphans
        case openTasks = "open_tasks"
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case version, input, attributes, state, row
        case replyName = "reply_name"
        case tracestate
        case lease = "lease_ms"
        case sourcePrefix = "source_prefix"
        case time
        case startedData = "started_data"
        case scheduledData = "scheduled_data"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case expiry
        case earliest
        case timeLimit = "time_limit_ms"
        case retention = "retention_ms"
        case askedVersion = "asked_version"
        case parent = "child_parent"
        case root = "child_root"
    }

    enum Answer: Sendable, Hashable {
        case accepted
        /// A known run id, which was answered.
        case duplicate
        /// Another bridge has taken the entry.
        case gone
        /// It came too late, and is where it was.
        case expired
        /// It is to start later.
        case scheduled
        /// Its cancellation came first.
        case cancelled
        /// Its parent is to be told that it was cancelled, and is here: nothing was written.
        case parent(ChildEnd.ParentPlace)

        fileprivate init?(_ word: String) {
            switch word {
            case "accepted": self = .accepted
            case "duplicate": self = .duplicate
            case "gone": self = .gone
            case "expired": self = .expired
            case "scheduled": self = .scheduled
            case "cancelled": self = .cancelled
            default: return nil
            }
        }
    }

    static let script = makeScript(
        "accept", PackageResources.accept_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.fields, ScriptLibrary.runs, ScriptLibrary.beginnings,
        ],
        more: [
            ScriptLibrary.wording, ScriptLibrary.replies, ScriptLibrary.replyNames, ScriptLibrary.duplicates, ScriptLibrary.inbox,
            ScriptLibrary.openChildren, ScriptLibrary.waits, ScriptLibrary.parents,
        ], items: [ParentItem.self], constants: ScriptConstant.duplicates + [.cancelled, .longestCall, .answerPrefix])

    let command: StartCommand
    let entry: StreamEntryID
    let run: RunIdentity
    let keys: RunKeys
    let limits: BusLimits
    /// The row that says that the run is in its first state.
    let row: CheckpointRow
    /// Milliseconds since 1970; nil for now.
    let notBefore: Int64?
    /// What its parent is told should it be cancelled already; nil where it is no child.
    var child: ChildEnd?
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.commands, keys.bus.commands)
        names.append(.record, keys.record)
        names.append(.log, keys.log)
        names.append(.runStore, keys.store)
        names.append(.events, keys.bus.events)
        names.append(.leases, keys.bus.leases(of: run.workflow, version: run.version))
        names.append(.timers, keys.bus.timers(of: run.workflow, version: command.version))
        names.append(.cancellation, keys.bus.cancellation(of: run.run))
        names.append(.inbox, keys.inbox)
        names.append(.orphans, keys.bus.orphans)
        names.append(.openTasks, keys.openTasks)
        if let name = command.replyName { names.append(more: keys.bus.replies(to: name)) }
        names.append(parentOf: child, on: keys.bus)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: .commands).description)
        arguments.append(.version, run.version)
        arguments.append(.input, command.input)
        arguments.append(.attributes, command.attributes.field)
        arguments.append(.state, row.state)
        arguments.append(.row, RowCodec.encode(row))
        arguments.append(.replyName, command.replyName)
        arguments.append(.tracestate, run.trace.state)
        arguments.append(.lease, limits.lease)
        arguments.append(.sourcePrefix, keys.bus.eventSourcePrefix)
        arguments.append(.time, Timestamp.text(made))
        let started = RunStarted(
            version: run.version, state: row.state, input: command.input, attributes: command.attributes, child: command.child)
        arguments.append(.startedData, started.json)
        arguments.append(.scheduledData, notBefore.map { RunScheduled(notBefore: $0, attributes: command.attributes).json })
        arguments.append(replies: limits)
        arguments.append(.expiry, command.expiresAt)
        arguments.append(.earliest, notBefore)
        arguments.append(.timeLimit, command.timeout)
        arguments.append(.retention, limits.retention)
        arguments.append(.askedVersion, command.version)
        arguments.append(.parent, command.child?.parent)
        arguments.append(.root, command.child?.root)
        arguments.append(parentOf: child)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        if let place = ChildEnd.ParentPlace(reply) { return .parent(place) }
        guard let answer = reply.string.flatMap({ Answer($0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
