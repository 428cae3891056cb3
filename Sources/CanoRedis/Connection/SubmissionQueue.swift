import Synchronization

/// Where callers on any thread leave commands for the event loop.
///
/// Waking an event loop costs a system call, so the first of a burst asks for one drain and the others only append: however many
/// commands come before the loop looks, it is woken once. The bounds are kept here too, because only here can a caller be refused at once.
struct SubmissionQueue: ~Copyable, Sendable {
    /// What became of a submission.
    enum Admission {
        /// Taken; the caller must ask the loop for a drain when told so.
        case accepted(needsDrain: Bool)
        /// Not taken; nothing will be sent.
        case refused(RedisError)
    }

    /// What a drain found.
    struct Batch {
        var submissions: [Submission] = []
        var cancelled: Set<UInt64> = []

        /// Lets go of what was drained and keeps the room for as much again, but not the room of a rare flood.
        mutating func clear() {
            submissions.removeAll(keepingCapacity: submissions.count <= 4096)
            cancelled.removeAll(keepingCapacity: cancelled.count <= 4096)
        }
    }

    /// Internal only because a compiler of today cannot lay out a private type inside a `Mutex` of another file.
    struct State {
        var batch = Batch()
        var isDrainScheduled = false
        /// Commands that were taken and have not left the connection yet, and their bytes.
        var count = 0
        var byteCount = 0
        var isClosed = false

        /// True for the first since the last drain, who must ask for the next one.
        mutating func claimDrain() -> Bool {
            defer { isDrainScheduled = true }
            return !isDrainScheduled
        }
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    func add(_ submission: Submission) -> Admission {
        state.withLock { state in
            if let refusal = refusal(of: 1, bytes: submission.byteCount, in: state) { return .refused(refusal) }
            state.count += 1
            state.byteCount += submission.byteCount
            state.batch.submissions.append(submission)
            return .accepted(needsDrain: state.claimDrain())
        }
    }

    /// Takes all of them, next to each other, or none.
    func add(_ submissions: [Submission]) -> Admission {
        let byteCount = submissions.reduce(0) { $0 + $1.byteCount }
        return state.withLock { state in
            if let refusal = refusal(of: submissions.count, bytes: byteCount, in: state) { return .refused(refusal) }
            state.count += submissions.count
            state.byteCount += byteCount
            state.batch.submissions.append(contentsOf: submissions)
            return .accepted(needsDrain: state.claimDrain())
        }
    }

    /// Notes cancelled commands; true when the caller must ask the loop for a drain.
    func cancel(_ ids: some Sequence<UInt64>) -> Bool {
        state.withLock { state in
            state.batch.cancelled.formUnion(ids)
            return state.claimDrain()
        }
    }

    /// Empties the queue. The storage of `batch`, which must be clear, is used for what comes next, so that a busy queue allocates nothing.
    func drain(into batch: inout Batch) {
        state.withLock { state in
            swap(&state.batch, &batch)
            state.isDrainScheduled = false
        }
    }

    /// Makes room: commands were answered, given up or failed.
    func release(count: Int, bytes: Int) {
        state.withLock { state in
            state.count -= count
            state.byteCount -= bytes
        }
    }

    /// Refuses everything from now on; what was taken stays.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    private func refusal(of count: Int, bytes: Int, in state: borrowing State) -> RedisError? {
        if state.isClosed { return RedisError(.clientShutDown, "the client was shut down") }
        // A command larger than the whole bound goes through alone rather than never.
        guard state.count + count > maximumCount || (state.byteCount + bytes > maximumBytes && state.count > 0) else { return nil }
        return RedisError(
            .overloaded, "\(state.count) commands of \(state.byteCount) bytes are waiting; at most \(maximumCount) of \(maximumBytes) may")
    }
}
