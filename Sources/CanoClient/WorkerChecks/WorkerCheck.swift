package import CanoBus
import CanoPrimitives
package import CanoRedis

/// Takes a worker through what the contract asks of it: which tasks it is given, and what is found out by what it does with them.
///
/// It plays the part of the bridges. Pure: it is told what there is to see, as often as its user likes, and says what to do.
package struct WorkerCheck: Sendable {
    /// What is to be done on the bus, or said.
    package enum Step: Sendable, Hashable {
        /// Put tasks on the queue, so that a worker sees all of them or none.
        case put([TaskEntry])
        /// Take an entry off the queue, as a bridge does.
        case remove(StreamEntryID)
        case tell(WorkerFinding)
    }

    /// Whether all that can be found out is.
    package private(set) var isOver = false

    private let plan: WorkerCheckPlan
    /// The run that the tasks are said to belong to.
    private let run: String
    private var left = WorkerTrial.Kind.allCases
    private var trial: WorkerTrial?
    /// The tasks of the trials that are over.
    private var earlier: [TaskWatch] = []
    /// How long slow work took, in milliseconds, once that is known.
    private var slowTime: Int64?
    private var isTold: Set<WorkerRule> = []

    /// Creates a check.
    ///
    /// - Parameters:
    ///   - plan: What the worker is given.
    ///   - run: A run id that no other check has.
    package init(_ plan: WorkerCheckPlan, run: String) {
        self.plan = plan
        self.run = run
    }

    /// Goes on.
    ///
    /// - Parameter sight: What there is to see now.
    /// - Returns: What to do, in this order.
    package mutating func proceed(_ sight: QueueSight) -> [Step] {
        guard !isOver else { return [] }
        guard let begun = trial else { return begin() }
        trial = attend(begun, sight)
        var steps = withdraw(at: sight.now)
        guard let seen = self.trial, seen.isOver(at: sight.now, plan) else { return steps }
        steps += tell(WorkerFinding.all(of: seen, plan, ordinaryTime: ordinaryTime, slowTime: slowTime)) + close()
        // One that does not come for its tasks is not waited for again.
        return steps + (seen.watches.contains { $0.wasNeverTaken } ? end() : begin())
    }

    // MARK: What is seen

    /// Hands each answer to the task it is meant for.
    private mutating func attend(_ begun: WorkerTrial, _ sight: QueueSight) -> WorkerTrial {
        var trial = begun
        for index in trial.watches.indices { trial.watches[index].see(sight) }
        let meant = earlier.indices.filter { !Self.isStale(earlier[$0], in: trial) }
        for index in meant { earlier[index].see(sight) }
        let known = Set(trial.watches.map(\.token) + meant.map { earlier[$0].token })
        for answer in sight.answers where !known.contains(answer.token) {
            guard let index = trial.expected else { continue }
            let reading = answer.reading.flatMap { command in
                Result<Command, Rejection>.failure(
                    Rejection(
                        .invalidField,
                        "It names the task \"\(answer.token)\", and was given \"\(trial.watches[index].token)\": hand back what each entry says in "
                            + "its field task.", of: Rejection.Addressee()))
            }
            trial.watches[index].receive(reading, at: sight.now)
        }
        return trial
    }

    /// Whether a worker that names this task again means the one it has now: the same work, and the token of the attempt before.
    private static func isStale(_ watch: TaskWatch, in trial: WorkerTrial) -> Bool {
        guard trial.kind == .again, let present = trial.watches.first, present.takenAt != nil, present.answeredAt == nil else {
            return false
        }
        return watch.task.idempotencyKey == present.task.idempotencyKey
    }

    // MARK: What is done

    /// Begins the next trial that there is work for.
    private mutating func begin() -> [Step] {
        var steps: [Step] = []
        while !left.isEmpty {
            let kind = left.removeFirst()
            let tasks = tasks(of: kind)
            guard tasks.isEmpty else {
                trial = WorkerTrial(kind: kind, watches: tasks.map { TaskWatch($0) })
                return steps + [.put(tasks)]
            }
            steps += tell(Self.withoutInput(kind))
        }
        return steps + end()
    }

    private func tasks(of kind: WorkerTrial.Kind) -> [TaskEntry] {
        switch kind {
        case .success: [task(.success, 1, plan.success)]
        case .again: [task(.success, 1, plan.success, attempt: 2)]
        case .failure: plan.failure.map { [task(kind, 1, $0)] } ?? []
        case .slow:
            plan.slow.map { [task(kind, 1, $0, lease: plan.lease), task(kind, 2, plan.success)] } ?? []
        case .withdrawal: plan.slow.map { [task(kind, 1, $0, lease: plan.lease)] } ?? []
        }
    }

    private func task(_ kind: WorkerTrial.Kind, _ visit: Int, _ input: String, attempt: Int = 1, lease: Int64? = nil) -> TaskEntry {
        let run = "\(run)/\(kind.rawValue)"
        return TaskEntry(
            TaskToken(run: run, leg: "//\(visit)", attempt: attempt, nonce: "check"), workflow: Self.workflow, version: "1",
            state: kind.rawValue, name: kind.rawValue, lease: lease ?? plan.ordinaryLease,
            idempotencyKey: "\(run)/\(kind.rawValue)/\(visit)", input: input)
    }

    /// What the tasks of a check say in the field `workflow`.
    package static let workflow = "worker-check"

    /// Withdraws the task of the trial that is about that, once the worker is in the middle of it.
    private mutating func withdraw(at now: Int64) -> [Step] {
        guard var trial, trial.kind == .withdrawal, trial.watches.count == 1, let entry = trial.watches[0].entry,
            let takenAt = trial.watches[0].takenAt, now - takenAt >= plan.lease / 2, trial.watches[0].answeredAt == nil
        else { return [] }
        trial.watches[0].remove()
        let next = task(.withdrawal, 2, plan.success)
        trial.watches.append(TaskWatch(next))
        self.trial = trial
        return [.remove(entry), .put([next])]
    }

    /// Takes off the queue what the trial has left there.
    private mutating func close() -> [Step] {
        guard var trial else { return [] }
        var steps: [Step] = []
        for index in trial.watches.indices where !trial.watches[index].isRemoved {
            if let entry = trial.watches[index].entry { steps.append(.remove(entry)) }
            trial.watches[index].remove()
        }
        if trial.kind == .slow, let takenAt = trial.watches[0].takenAt, let answeredAt = trial.watches[0].answeredAt {
            slowTime = answeredAt - takenAt
        }
        earlier += trial.watches
        self.trial = nil
        return steps
    }

    private mutating func end() -> [Step] {
        isOver = true
        let untried = WorkerRule.allCases.filter { !isTold.contains($0) && !Self.overall.contains($0) }
        let hasTaken = earlier.contains { !$0.wasNeverTaken }
        return tell(untried.map { WorkerFinding($0, .notTried("the worker took no task")) })
            + tell(hasTaken ? WorkerFinding.overall(earlier) : Self.overall.map { WorkerFinding($0, .notTried("the worker took no task")) })
    }

    /// The rules of which all tasks together say whether they are kept.
    private static let overall: [WorkerRule] = [.leaving, .answeringOnce]

    private mutating func tell(_ findings: [WorkerFinding]) -> [Step] {
        let new = findings.filter { isTold.insert($0.rule).inserted }
        return new.map { .tell($0) }
    }

    private static func withoutInput(_ kind: WorkerTrial.Kind) -> [WorkerFinding] {
        switch kind {
        case .success, .again: []
        case .failure: [WorkerFinding(.failure, .notTried("give an input that fails with --failing-input"))]
        case .slow, .withdrawal:
            [.heartbeat, .readingAhead, .withdrawal].map {
                WorkerFinding($0, .notTried("give an input whose work takes longer than two leases with --slow-input"))
            }
        }
    }

    /// How long ordinary work took.
    private var ordinaryTime: Int64 {
        guard let first = earlier.first, let takenAt = first.takenAt, let answeredAt = first.answeredAt else { return 0 }
        return answeredAt - takenAt
    }
}
