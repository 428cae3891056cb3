import CanoCore
import Synchronization

/// The runs that this bridge has put down and keeps in memory for a moment: many workers answer within milliseconds, and a run that goes on
/// where it is need not be read, decoded and resumed.
///
/// Nothing depends on them. A run that is held waits in Redis like any other, any bridge may have it meanwhile, and the script that wakes it
/// decides whether what is in memory is still the run.
final class HeldRuns: Sendable {
    private let most: Int
    private let state = Mutex(State())

    private struct State {
        var runs: [String: (task: RunTask, since: MonotonicInstant)] = [:]
        var isClosed = false
        /// Grows with each run that was woken where it is, and shrinks with each whose time was over first.
        var benefit = 0
    }

    /// How long a run is held.
    static let period = Duration.seconds(1)
    /// How many runs are held at most, and how many bytes of input and store each may have.
    static let most = 512
    static let mostBytes = 16 << 10
    /// How much fewer are held while most are held in vain: enough to notice that answers come sooner again.
    private static let share = 16

    init(most: Int = HeldRuns.most) {
        self.most = most
    }

    /// Holds a run that was put down; false when there is no room for it. When there are too many those stay that were first: their answers are
    /// the next to come.
    func hold(_ task: RunTask, at now: MonotonicInstant) -> Bool {
        guard task.bytes <= Self.mostBytes else { return false }
        return state.withLock { state in
            guard !state.isClosed, state.runs.count < (state.benefit < 0 ? max(1, most / Self.share) : most) else { return false }
            task.hold()
            state.runs[task.session.run] = (task, now)
            return true
        }
    }

    /// Keeps a run held while a script is under way that may wake it; nil when it is not held. To be followed by ``RunTask/giveBack()`` or
    /// ``wake(_:with:)``.
    func ask(for run: String) -> RunTask? {
        guard let task = state.withLock({ $0.runs[run]?.task }), task.ask() else { return nil }
        return task
    }

    /// A run is woken where it is.
    func wake(_ task: RunTask, with signals: [ReceivedSignal]) {
        remove(task)
        state.withLock { $0.benefit = min($0.benefit + 1, most) }
        task.wake(with: signals)
    }

    /// A run is not held any more.
    func remove(_ task: RunTask) {
        state.withLock { state in
            if state.runs[task.session.run]?.task === task { state.runs[task.session.run] = nil }
        }
    }

    /// A run is claimed in another way: what is in memory is of no use any more.
    func drop(_ run: String) { state.withLock { $0.runs.removeValue(forKey: run) }?.task.drop() }

    /// Holds no run any longer that was held for ``period``.
    func dropOld(at now: MonotonicInstant) {
        let old = state.withLock { state in
            let old = state.runs.filter { $0.value.since.duration(to: now) >= Self.period }
            for run in old.keys { state.runs[run] = nil }
            state.benefit = max(state.benefit - old.count, -most)
            return old.values.map(\.task)
        }
        for task in old { task.drop() }
    }

    /// Holds no run any longer: the bridge stops.
    func close() {
        let all = state.withLock { state in
            state.isClosed = true
            defer { state.runs = [:] }
            return state.runs.values.map(\.task)
        }
        for task in all { task.drop() }
    }
}
