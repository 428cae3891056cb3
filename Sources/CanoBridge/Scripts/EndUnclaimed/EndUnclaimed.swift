import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores

/// Ends a run that no bridge has and that is not to go on: it was taken over too often, or was to start until a moment that has passed.
struct EndUnclaimed: ScriptCall {
    enum Key: String, ScriptName {
        case record, inbox, events, leases, timers
        case deadLetters = "dead_letters"
        case openTasks = "open_tasks"
        case deadlines, commands, control, failed
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made, time
        case mayTakeOver = "may_take_over"
        case replyNames = "reply_names"
        case queues = "task_queues"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case retention = "retention_ms"
    }

    enum Answer: Sendable, Equatable {
        /// It was taken over too often, and has failed.
        case quarantined
        /// It was to start until a moment that has passed, and is cancelled.
        case expired
        /// Another bridge has it, or it is over: nothing was written.
        case gone
        /// It is to go on, now or later: nothing was written.
        case notDue
        /// The record names these reply streams: nothing was written.
        case replies(String)
        /// The run's tasks are on these queues: nothing was written.
        case queues(String)
        /// The run is a child whose parent is here: nothing was written.
        case parent(ChildEnd.ParentPlace)
    }

    static let script = makeScript(
        "end_unclaimed", PackageResources.end_unclaimed_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.fields, ScriptLibrary.runs, ScriptLibrary.inbox, ScriptLibrary.taskQueues, ScriptLibrary.tasks,
            ScriptLibrary.openChildren, ScriptLibrary.children, ScriptLibrary.waits, ScriptLibrary.parents,
        ],
        items: [ParentItem.self],
        constants: ScriptConstant.children + [
            .cancelled, .workers, .queueKeys, .answerPrefix, .mostTakeovers, ScriptConstant("poison_message", poison.message),
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
    /// The version of the workflow that would run it.
    let version: String
    /// Whether an expired lease may be taken for its owner's death.
    let mayTakeOver: Bool
    /// The reply streams the script may write to.
    var replyNames = ""
    /// The queues that the run's tasks are on, separated by commas.
    var queues = ""
    /// Where its parent is listed while that waits.
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
        keys.append(.record, bus.keys.record(of: candidate.run))
        keys.append(.inbox, bus.keys.inbox(of: candidate.run))
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: candidate.workflow, version: version))
        keys.append(.timers, bus.keys.timers(of: candidate.workflow, version: candidate.version))
        keys.append(.deadLetters, bus.keys.deadLetters)
        keys.append(.openTasks, bus.keys.openTasks(of: candidate.run))
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
        arguments.append(.mayTakeOver, mayTakeOver)
        arguments.append(.replyNames, replyNames)
        arguments.append(.queues, queues)
        arguments.append(replies: bus.limits)
        arguments.append(.retention, bus.limits.retention)
        arguments.append(parentOf: child)
    }

    func answer(_ reply: RESPValue) throws -> Answer {
        if let place = ChildEnd.ParentPlace(reply) { return .parent(place) }
        if let parts = reply.arrayValue, parts.count == 2, let names = parts[1].string {
            switch parts[0].string {
            case "replies": return .replies(names)
            case "queues": return .queues(names)
            default: throw Self.unexpected(reply)
            }
        }
        switch reply.string {
        case "quarantined": return .quarantined
        case "expired": return .expired
        case "gone": return .gone
        case "not-due": return .notDue
        default: throw Self.unexpected(reply)
        }
    }
}
