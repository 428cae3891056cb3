import CanoBus
import CanoPrimitives
import CanoRedis

/// What a worker does with one task. Times are in milliseconds.
struct TaskWatch: Sendable {
    /// How a task left the hands of the worker that was not to give it up.
    enum Loss: Sendable { case acknowledged, deleted }

    let task: TaskEntry
    private(set) var entry: StreamEntryID?
    /// When it was first looked for on the queue.
    private(set) var putAt: Int64?
    /// When a consumer was given it, and which.
    private(set) var takenAt: Int64?
    private(set) var consumer: String?
    /// Another consumer that has had it since.
    private(set) var otherConsumer: String?
    /// The longest time that nothing was heard of its worker, before its answer.
    private(set) var longestSilence: Int64 = 0
    private(set) var answers: [Result<Command, Rejection>] = []
    private(set) var answeredAt: Int64?
    private(set) var loss: Loss?
    /// Whether the check itself has taken it off the queue.
    private(set) var isRemoved = false

    init(_ task: TaskEntry) {
        self.task = task
    }

    var token: String { task.task.description }

    /// Whether no worker has come for it.
    var wasNeverTaken: Bool { takenAt == nil && answers.isEmpty && loss == nil }

    mutating func see(_ sight: QueueSight) {
        let new = sight.answers.filter { $0.token == token }
        answers += new.map(\.reading)
        if !isRemoved { follow(sight) }
        if answeredAt == nil, !answers.isEmpty { answeredAt = sight.now }
    }

    private mutating func follow(_ sight: QueueSight) {
        if putAt == nil { putAt = sight.now }
        // It was put there before the first look: a quick worker has taken it off by then.
        guard let found = sight.entries[token] else {
            if loss == nil { loss = .deleted }
            return
        }
        entry = found
        if let holding = sight.holdings[found] {
            if takenAt == nil { takenAt = sight.now - holding.silence }
            if let consumer, consumer != holding.consumer { otherConsumer = holding.consumer }
            if consumer == nil { consumer = holding.consumer }
            if answeredAt == nil { longestSilence = max(longestSilence, holding.silence) }
        } else if takenAt != nil || !answers.isEmpty, loss == nil {
            loss = .acknowledged
        }
    }

    /// The check takes it off the queue, as a bridge does: nothing that becomes of its entry is the worker's doing.
    mutating func remove() { isRemoved = true }

    /// An answer that names no task, or none that there is, and was meant for this one.
    mutating func receive(_ reading: Result<Command, Rejection>, at now: Int64) {
        answers.append(reading)
        if answeredAt == nil { answeredAt = now }
    }
}
