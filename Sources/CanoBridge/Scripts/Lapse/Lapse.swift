import CanoBus
import CanoRedis

/// Gives up an attempt at a task that no worker will answer, and claims the run that this wakes.
struct Lapse: WakingCall {
    enum Key: String, ScriptName {
        case record, log
        case runStore = "run_store"
        case inbox
        case openTasks = "open_tasks"
        case deadlines, leases, waits
    }

    enum Argument: String, ScriptName {
        case bridge, run, workflow, version, epoch, made
        case lease = "lease_ms"
        case leg, entry, cause
        case answerID = "answer_id"
        case signal
        case lastSignal = "last_signal"
    }

    /// What became of a task whose run is not claimed with it.
    enum Outcome: String, WakingOutcome {
        /// Its failure is in the inbox of a run that waits, and what that waits for is there.
        case woke
        /// Its failure is in the inbox.
        case kept
        /// A worker has it, or may still take it, or its answer may still come: nothing was written.
        case notDue = "not-due"
        /// It is not what its leg waits for, or its run is over: what was left of it is gone.
        case gone
        /// The record is not the one that was read: nothing was written.
        case moved
    }

    static let script = makeScript(
        "lapse", PackageResources.lapse_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.entries, ScriptLibrary.waits, ScriptLibrary.waking, ScriptLibrary.claims,
            ScriptLibrary.wakeups, ScriptLibrary.taskQueues, ScriptLibrary.tasks, ScriptLibrary.answers,
        ],
        constants: [
            .workers, .queueKeys, ScriptConstant("most_losses", OpenTask.mostLosses),
            ScriptConstant("worker_lost", LapseCause.workerLost.rawValue), ScriptConstant("no_worker", LapseCause.noWorker.rawValue),
            ScriptConstant("deferral_over", LapseCause.timeout.rawValue),
        ])

    let bus: Bus
    /// What its worker knows it by.
    let token: TaskToken
    let queue: String
    /// Its entry on the queue, or the one that it had before its answer was to come from elsewhere.
    let entry: StreamEntryID
    /// What seems to be the matter. The script looks again.
    let cause: LapseCause
    /// What the run's record says.
    let seen: SeenRun
    /// How this bridge claims the run, should it be woken; nil when it has no slot for it.
    var claiming: ClaimCandidate?
    /// Milliseconds since 1970.
    let made: Int64

    /// The id of the signal: what it is called like, and an entry as all have it. No two legs have the same.
    private var id: String { "\(InboxSignal.answerPrefix).\(token.leg.drop { $0 == "/" })/\(entry)" }

    func write(_ keys: inout ScriptKeys<Key>) {
        let run = token.run
        keys.append(.record, bus.keys.record(of: run))
        keys.append(.log, bus.keys.log(of: run))
        keys.append(.runStore, bus.keys.runStore(of: run))
        keys.append(.inbox, bus.keys.inbox(of: run))
        keys.append(.openTasks, bus.keys.openTasks(of: run))
        keys.append(.deadlines, bus.keys.deadlines)
        keys.append(.leases, bus.keys.leases(of: seen.workflow, version: seen.version ?? ""))
        keys.append(.waits, bus.keys.waits(of: seen.workflow, version: seen.version ?? ""))
        for key in bus.keys.keys(ofQueue: queue) { keys.append(more: key) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.run, token.run)
        arguments.append(.workflow, seen.workflow)
        arguments.append(.version, seen.version)
        arguments.append(.epoch, claiming.map { Int64($0.epoch + 1) })
        arguments.append(.made, made)
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.leg, token.leg)
        arguments.append(.entry, entry.description)
        arguments.append(.cause, cause.rawValue)
        arguments.append(.answerID, id)
        arguments.append(.signal, signal(isLast: false))
        arguments.append(.lastSignal, signal(isLast: true))
    }

    private func signal(isLast: Bool) -> String {
        InboxSignal.json(of: cause.answer(on: queue, isLast: isLast), to: token.leg, attempt: token.attempt)
    }

    func answer(_ reply: RESPValue) throws -> WakingAnswer<Outcome> {
        if let outcome = reply.string.flatMap({ Outcome(rawValue: $0) }) { return .unclaimed(outcome) }
        guard case .claimed(let run) = try ClaimAnswer(reply, about: token.run) else { throw Self.unexpected(reply) }
        return .claimed(run)
    }
}
