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
        case events, leases, timers, cancellation
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case version, input, state, row
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
    }

    enum Answer: String, Sendable {
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
    }

    static let script = makeScript(
        "accept", PackageResources.accept_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.replies, ScriptLibrary.fields, ScriptLibrary.runs,
            ScriptLibrary.beginnings, ScriptLibrary.replyNames, ScriptLibrary.duplicates,
        ], constants: ScriptConstant.duplicates + [.cancelled, .longestCall])

    let command: StartCommand
    let entry: StreamEntryID
    let run: RunIdentity
    let keys: RunKeys
    let limits: BusLimits
    /// The row that says that the run is in its first state.
    let row: CheckpointRow
    /// Milliseconds since 1970; nil for now.
    let notBefore: Int64?
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
        if let name = command.replyName { names.append(more: keys.bus.replies(to: name)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: .commands).description)
        arguments.append(.version, run.version)
        arguments.append(.input, command.input)
        arguments.append(.state, row.state)
        arguments.append(.row, RowCodec.encode(row))
        arguments.append(.replyName, command.replyName)
        arguments.append(.tracestate, run.trace.state)
        arguments.append(.lease, limits.lease)
        arguments.append(.sourcePrefix, keys.bus.eventSourcePrefix)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.startedData, RunStarted(version: run.version, state: row.state, input: command.input).json)
        arguments.append(.scheduledData, notBefore.map { RunScheduled(notBefore: $0).json })
        arguments.append(replies: limits)
        arguments.append(.expiry, command.expiresAt)
        arguments.append(.earliest, notBefore)
        arguments.append(.timeLimit, command.timeout)
        arguments.append(.retention, limits.retention)
        arguments.append(.askedVersion, command.version)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
