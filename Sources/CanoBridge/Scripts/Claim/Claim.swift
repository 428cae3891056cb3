import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Makes a run this bridge's whose lease expired or was handed back, that is due, or whose wait is over.
struct Claim: ScriptCall {
    enum Key: String, ScriptName {
        case record, log
        case runStore = "run_store"
        case inbox, events, leases, timers, waits
        case deadLetters = "dead_letters"
        case openTasks = "open_tasks"
        case deadlines, commands, control, failed
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made, time
        case lease = "lease_ms"
        case mayTakeOver = "may_take_over"
        case version, state, row
        case startedTemplate = "started_template"
        case replyNames = "reply_names"
        case queues = "task_queues"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case retention = "retention_ms"
    }

    static let script = makeScript(
        "claim", PackageResources.claim_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.fields, ScriptLibrary.runs,
            ScriptLibrary.beginnings, ScriptLibrary.waking, ScriptLibrary.claims,
            ScriptLibrary.resumptions, ScriptLibrary.inbox, ScriptLibrary.taskQueues, ScriptLibrary.tasks, ScriptLibrary.openChildren,
            ScriptLibrary.children,
            ScriptLibrary.waits, ScriptLibrary.parents,
        ],
        items: [ParentItem.self],
        constants: ScriptConstant.children + [
            .cancelled, .resumed, .longestCall, .workers, .queueKeys, .answerPrefix, ScriptConstant("most_takeovers", BusLimits.takeovers),
            ScriptConstant("inline_input_bytes", BusLimits.inlineInputBytes), ScriptConstant("poison_message", poison.message),
            ScriptConstant("poison_error", poison.template), ScriptConstant("poison_template", RunFailed.template(poison)),
        ])

    /// Why a run that may kill its bridges is not taken over any more.
    static let poison = RunFailure(
        code: RunFailure.poison,
        message: """
            The run was taken over \(BusLimits.takeovers) times in a row without coming to its next step: its bridges died of it, or with \
            it. Resume it once the cause is gone.
            """,
        category: RunFailure.poison, state: nil)

    let bus: Bus
    let candidate: ClaimCandidate
    /// The workflow's version, and the row that says that a run of it is in its first state.
    let version: String
    let firstRow: CheckpointRow
    /// Whether an expired lease may be taken for its owner's death.
    let mayTakeOver: Bool
    /// The reply streams the script may write to.
    let replyNames: String
    /// The queues that the run's tasks are on, separated by commas.
    var queues = ""
    /// Where its parent is listed while that waits, for a child that is quarantined.
    var parent = ChildEnd.ParentPlace()
    /// Milliseconds since 1970.
    let made: Int64

    /// What its parent is told should it be quarantined; nil where it is no child.
    private var child: ChildEnd? {
        var end = ChildEnd(of: candidate.run, workflow: candidate.workflow, endedBy: CanoError(Self.poison), made: made)
        end?.parent = parent
        return end
    }

    func write(_ keys: inout ScriptKeys<Key>) {
        let run = candidate.run
        keys.append(.record, bus.keys.record(of: run))
        keys.append(.log, bus.keys.log(of: run))
        keys.append(.runStore, bus.keys.runStore(of: run))
        keys.append(.inbox, bus.keys.inbox(of: run))
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: candidate.workflow, version: version))
        keys.append(.timers, bus.keys.timers(of: candidate.workflow, version: candidate.version))
        keys.append(.waits, bus.keys.waits(of: candidate.workflow, version: version))
        keys.append(.deadLetters, bus.keys.deadLetters)
        keys.append(.openTasks, bus.keys.openTasks(of: run))
        keys.append(.deadlines, bus.keys.deadlines)
        keys.append(.commands, bus.keys.commands)
        keys.append(.control, bus.keys.inbound(.control))
        keys.append(.failed, bus.keys.failed)
        for stream in bus.keys.replies(toEach: replyNames) { keys.append(more: stream) }
        for key in bus.keys.keys(ofQueues: queues) { keys.append(more: key) }
        keys.append(parentOf: child, on: bus.keys)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(
            bus.identity(
                of: candidate.run, workflow: candidate.workflow, version: version, epoch: candidate.epoch + 1, trace: candidate.trace),
            made: made)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.mayTakeOver, mayTakeOver)
        arguments.append(.version, version)
        arguments.append(.state, firstRow.state)
        arguments.append(.row, RowCodec.encode(firstRow))
        arguments.append(.startedTemplate, RunStarted.template(version: version, state: firstRow.state))
        arguments.append(.replyNames, replyNames)
        arguments.append(.queues, queues)
        arguments.append(replies: bus.limits)
        arguments.append(.retention, bus.limits.retention)
        arguments.append(parentOf: child)
    }

    func answer(_ reply: RESPValue) throws -> ClaimAnswer {
        guard let answer = try ClaimAnswer(reply, about: candidate.run) else { throw Self.unexpected(reply) }
        return answer
    }
}
