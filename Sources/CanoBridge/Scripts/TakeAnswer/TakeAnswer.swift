import CanoBus
import CanoPrimitives
import CanoRedis

/// Takes what a worker has answered, and claims the run that it wakes.
struct TakeAnswer: WakingCall {
    enum Key: String, ScriptName {
        case results, record, log
        case runStore = "run_store"
        case inbox
        case openTasks = "open_tasks"
        case deadlines, events, leases, waits
    }

    enum Argument: String, ScriptName {
        case bridge
        case sourcePrefix = "source_prefix"
        case run, workflow, version, epoch, made, group, entry
        case lease = "lease_ms"
        case answerID = "answer_id"
        case leg, attempt, nonce, queue, kind, signal
        case upTo = "up_to_ms"
        case heldRows = "held_rows"
        case heldEvents = "held_events"
        case time
        case lateData = "late_data"
    }

    /// What became of an answer whose run is not claimed with it.
    enum Outcome: WakingOutcome, Hashable {
        /// It is in the inbox of a run that waits, and what that waits for is there.
        case woke
        /// It is in the inbox.
        case kept
        /// The task is on its queue again, given back so many times in a row now.
        case released(Int)
        /// The task is off its queue, and its answer comes from elsewhere.
        case deferred
        /// It came too late, which was told, and changes nothing.
        case late
        /// The entry was taken already.
        case gone
        /// The record is not the one that was read, or the task is on another queue: nothing was written.
        case moved
    }

    static let script = makeScript(
        "take_answer", PackageResources.take_answer_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.waits, ScriptLibrary.waking, ScriptLibrary.claims,
            ScriptLibrary.wakeups, ScriptLibrary.taskQueues, ScriptLibrary.tasks, ScriptLibrary.answers,
        ],
        constants: [.workers, .queueKeys, ScriptConstant("late_infix", EventEntry.late)])

    let bus: Bus
    let worker: WorkerAnswer
    /// Its entry on the stream of results.
    let entry: StreamEntryID
    /// What the run's record and its open tasks say.
    let seen: SeenTask
    /// How this bridge claims the run, should it be woken; nil when it has no slot for it.
    var claiming: ClaimCandidate?
    /// How far the run is that this bridge holds; nil when it holds it not, and is given all of it.
    var held: HeldPosition?
    /// Milliseconds since 1970.
    let made: Int64

    private var id: CommandEntryID { CommandEntryID(entry.description, on: .results) }

    func write(_ keys: inout ScriptKeys<Key>) {
        let run = worker.token.run
        keys.append(.results, bus.keys.results)
        keys.append(.record, bus.keys.record(of: run))
        keys.append(.log, bus.keys.log(of: run))
        keys.append(.runStore, bus.keys.runStore(of: run))
        keys.append(.inbox, bus.keys.inbox(of: run))
        keys.append(.openTasks, bus.keys.openTasks(of: run))
        keys.append(.deadlines, bus.keys.deadlines)
        keys.append(.events, bus.keys.events)
        keys.append(.leases, bus.keys.leases(of: seen.run.workflow, version: seen.run.version ?? ""))
        keys.append(.waits, bus.keys.waits(of: seen.run.workflow, version: seen.run.version ?? ""))
        if let queue = seen.queue { for key in bus.keys.keys(ofQueue: queue) { keys.append(more: key) } }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        let token = worker.token
        arguments.append(.bridge, bus.bridge)
        arguments.append(.sourcePrefix, bus.keys.eventSourcePrefix)
        arguments.append(.run, token.run)
        arguments.append(.workflow, seen.run.workflow)
        arguments.append(.version, seen.run.version)
        arguments.append(.epoch, claiming.map { Int64($0.epoch + 1) })
        arguments.append(.made, made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.lease, bus.limits.lease)
        arguments.append(.answerID, id.description)
        arguments.append(.leg, token.leg)
        arguments.append(.attempt, token.attempt)
        arguments.append(.nonce, token.nonce)
        arguments.append(.queue, seen.queue)
        arguments.append(.kind, worker.type.rawValue)
        arguments.append(.signal, worker.work.map { InboxSignal.json(of: $0, to: token.leg, attempt: token.attempt) })
        arguments.append(.upTo, worker.upTo)
        arguments.append(.heldRows, held.map { Int64($0.rows) })
        arguments.append(.heldEvents, held.map { Int64($0.events) })
        arguments.append(.time, Timestamp.text(made))
        arguments.append(.lateData, TaskLate(token, answer: worker.type).json)
    }

    func answer(_ reply: RESPValue) throws -> WakingAnswer<Outcome> {
        switch reply.string {
        case "woke": return .unclaimed(.woke)
        case "kept": return .unclaimed(.kept)
        case "deferred": return .unclaimed(.deferred)
        case "late": return .unclaimed(.late)
        case "gone": return .unclaimed(.gone)
        case "moved": return .unclaimed(.moved)
        default: break
        }
        if let parts = reply.arrayValue, parts.count == 2, parts[0].string == "released", let times = parts[1].integerValue {
            return .unclaimed(.released(Int(times)))
        }
        if let woken = try WokenRun(reply) { return .takenUp(woken) }
        guard case .claimed(let run) = try ClaimAnswer(reply, about: worker.token.run) else { throw Self.unexpected(reply) }
        return .claimed(run)
    }
}
