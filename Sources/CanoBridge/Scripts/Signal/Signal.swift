import CanoBus
import CanoPrimitives
import CanoRedis

/// Carries out a signal command, and claims the run that it wakes.
struct Signal: WakingCall {
    enum Key: String, ScriptName {
        case commands, record, log
        case runStore = "run_store"
        case inbox, events, leases, waits, orphans
        case openTasks = "open_tasks"
    }

    enum Argument: String, ReplyArguments {
        case bridge
        case sourcePrefix = "source_prefix"
        case run, workflow, version, epoch, traceparent, made, group, entry
        case lease = "lease_ms"
        case commandID = "command_id"
        case signal
        case messageID = "message_id"
        case keep = "keep_ms"
        case time
        case takenTemplate = "taken_template"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
    }

    /// What became of a signal whose run is not claimed with it.
    enum Outcome: String, WakingOutcome {
        /// It is in the inbox of a run that waits, and what that waits for is there.
        case woke
        /// It is in the inbox.
        case kept
        /// A signal with its message id came before: this one is not kept.
        case duplicate
        /// Its run has no record: it is kept for a while.
        case early
        /// The inbox takes no more, and the entry is where it was.
        case full
        /// The run is over, and the entry is where it was.
        case over
        /// The entry was taken already.
        case gone
        /// The record is not the one that was read: nothing was written.
        case moved
    }

    static let script = makeScript(
        "signal", PackageResources.signal_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.replies, ScriptLibrary.entries,
            ScriptLibrary.inbox,
            ScriptLibrary.waits, ScriptLibrary.waking, ScriptLibrary.claims, ScriptLibrary.wakeups,
        ],
        constants: [
            .answerPrefix, ScriptConstant("most_signals", BusLimits.unreadSignals),
            ScriptConstant("most_signal_bytes", BusLimits.inboxBytes),
            ScriptConstant("most_messages", BusLimits.rememberedMessages),
        ])

    let bus: Bus
    let command: SignalCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// What the run's record says.
    let seen: SeenRun
    /// How this bridge claims the run, should it be woken; nil when it has no slot for it.
    var claiming: ClaimCandidate?
    /// Milliseconds since 1970.
    let made: Int64

    private var id: CommandEntryID { CommandEntryID(entry.description, on: stream) }

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.record, bus.keys.record(of: command.run))
        keys.append(.log, bus.keys.log(of: command.run))
        keys.append(.runStore, bus.keys.runStore(of: command.run))
        keys.append(.inbox, bus.keys.inbox(of: command.run))
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: seen.workflow, version: seen.version ?? ""))
        keys.append(.waits, bus.keys.waits(of: seen.workflow, version: seen.version ?? ""))
        keys.append(.orphans, bus.keys.orphans)
        keys.append(.openTasks, bus.keys.openTasks(of: command.run))
        if let name = command.replyName { keys.append(more: bus.keys.replies(to: name)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.sourcePrefix, bus.keys.eventSourcePrefix)
        arguments.append(.run, command.run)
        arguments.append(.workflow, seen.workflow)
        arguments.append(.version, seen.version)
        arguments.append(.epoch, claiming.map { "\($0.epoch + 1)" })
        arguments.append(.traceparent, command.trace.parent)
        arguments.append(.made, made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.commandID, id.description)
        arguments.append(.signal, InboxSignal.json(of: command))
        arguments.append(.messageID, command.messageID)
        arguments.append(.keep, command.keep(bus.limits))
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.takenTemplate, SignalTaken.template(name: command.name, messageID: command.messageID))
        arguments.append(replies: bus.limits)
    }

    func answer(_ reply: RESPValue) throws -> WakingAnswer<Outcome> {
        if let outcome = reply.string.flatMap({ Outcome(rawValue: $0) }) { return .unclaimed(outcome) }
        guard case .claimed(let run) = try ClaimAnswer(reply, about: command.run) else { throw Self.unexpected(reply) }
        return .claimed(run)
    }
}
