import CanoBus
import CanoRedis

@testable import CanoClient

/// A worker on a simulated queue, with at most one fault. Times are in milliseconds.
struct SimulatedWorker {
    let fault: WorkerCheckTests.Fault?
    let slowTime: Int64
    /// Whether it has done ordinary work before the check looks at the queue again.
    let isQuick: Bool
    /// The tasks it has, the first of which it does.
    var hands: [(task: TaskEntry, entry: StreamEntryID, begunAt: Int64?, heardAt: Int64)] = []
    var hasEnded = false
    var firstTokens: [String: String] = [:]

    init(_ fault: WorkerCheckTests.Fault? = nil, slowTime: Int64 = 5_000, isQuick: Bool = false) {
        self.fault = fault
        self.isQuick = isQuick
        self.slowTime = slowTime
    }

    var name: String { fault == .hasACommonName ? "worker" : "host-7" }

    func time(of task: TaskEntry) -> Int64 { task.input == SimulatedBench.slow ? slowTime : 10 }
}

/// A queue in memory on a clock that goes by steps, with a worker on it or none, and a check that plays the bridges' part.
struct SimulatedBench {
    static let slow = #""slow""#
    private static let failing = #""fail""#

    private(set) var entries: [(id: StreamEntryID, task: TaskEntry)] = []
    private(set) var given: [TaskEntry] = []
    private var worker: SimulatedWorker?
    private var check: WorkerCheck
    private var now: Int64 = 1_000_000
    private var untaken: [StreamEntryID] = []
    private var holdings: [StreamEntryID: (consumer: String, since: Int64)] = [:]
    private var answers: [WorkerAnswer] = []
    private var told: [WorkerFinding] = []
    private var sequence: UInt64 = 0

    init(_ worker: SimulatedWorker?, failure: String? = Self.failing, slow: String? = Self.slow) {
        self.worker = worker
        check = WorkerCheck(WorkerCheckPlan(success: "1", failure: failure, slow: slow), run: "check")
    }

    /// All that the check finds out.
    mutating func findings() -> [WorkerFinding] {
        while !check.isOver {
            let isQuick = worker?.isQuick == true
            if isQuick { work() }
            now += 20
            work()
            let sight = QueueSight(
                now: now, answers: answers,
                holdings: holdings.mapValues { QueueSight.Holding(consumer: $0.consumer, silence: now - $0.since) },
                entries: Dictionary(uniqueKeysWithValues: entries.map { ($0.task.task.description, $0.id) }))
            answers = []
            for step in check.proceed(sight) {
                switch step {
                case .put(let tasks): for task in tasks { put(task) }
                case .remove(let entry): remove(entry)
                case .tell(let finding): told.append(finding)
                }
            }
        }
        return told
    }

    private mutating func put(_ task: TaskEntry) {
        sequence += 1
        let id = StreamEntryID(milliseconds: UInt64(now), sequence: sequence)
        entries.append((id, task))
        untaken.append(id)
        given.append(task)
    }

    private mutating func remove(_ entry: StreamEntryID) {
        entries.removeAll { $0.id == entry }
        untaken.removeAll { $0 == entry }
        holdings[entry] = nil
    }

    private mutating func work() {
        guard var worker, !worker.hasEnded else { return }
        take(&worker)
        beat(&worker)
        if worker.hands.first?.begunAt == nil, !worker.hands.isEmpty { worker.hands[0].begunAt = now }
        if let hand = worker.hands.first, let begunAt = hand.begunAt, now - begunAt >= worker.time(of: hand.task) {
            worker.hands.removeFirst()
            answer(hand.task, hand.entry, &worker)
        }
        self.worker = worker
    }

    private mutating func take(_ worker: inout SimulatedWorker) {
        while !untaken.isEmpty, worker.hands.isEmpty || worker.fault == .readsAhead {
            let id = untaken.removeFirst()
            guard let task = entries.first(where: { $0.id == id })?.task else { continue }
            if worker.fault != .readsWithoutHolding { holdings[id] = (worker.name, now) }
            worker.hands.append((task, id, nil, now))
        }
    }

    private mutating func beat(_ worker: inout SimulatedWorker) {
        guard worker.fault != .isSilent else { return }
        for index in worker.hands.indices where now - worker.hands[index].heardAt >= worker.hands[index].task.lease / 3 {
            let entry = worker.hands[index].entry
            worker.hands[index].heardAt = now
            if holdings[entry] != nil {
                holdings[entry] = (worker.fault == .claimsUnderAnotherName ? "x1" : worker.name, now)
            } else if worker.fault == .endsWhenWithdrawn {
                worker.hasEnded = true
            } else if worker.fault == .answersHalf {
                worker.hands[index].begunAt = now - worker.time(of: worker.hands[index].task)
            }
        }
    }

    private mutating func answer(_ task: TaskEntry, _ entry: StreamEntryID, _ worker: inout SimulatedWorker) {
        if worker.fault == .deletesUnanswered { return entries.removeAll { $0.id == entry } }
        var token = task.task.description
        if worker.fault == .namesNoTask { token = "other//1/1/check" }
        if worker.fault == .keepsTheFirstToken {
            token = worker.firstTokens[task.idempotencyKey] ?? token
            worker.firstTokens[task.idempotencyKey] = token
        }
        let fails = task.input == Self.failing && worker.fault != .neverFails
        var fields = ["type": fails ? "fail" : "complete", "task": token]
        if worker.fault == .answersUnreadably { fields["output"] = "{" }
        let read = WorkerAnswer("1-1", fields.map { (Array($0.key.utf8), Array($0.value.utf8)) })
        answers += worker.fault == .answersTwice ? [read, read] : [read]
        if worker.fault == .acknowledges { holdings[entry] = nil }
        if worker.fault == .deletes { entries.removeAll { $0.id == entry } }
    }
}
