import CanoCore
import Synchronization

/// The same promises as runs see them: one process that drives a run twice, with rows that are alike.
extension CheckpointStoreConformance {
    static let runs: [CheckpointStoreConformance] = [
        CheckpointStoreConformance("a run begun over its own log is refused before its first task, and can be resumed") { store in
            let trip = Trip(in: store)
            try await trip.book()
            await trip.go(.beginning)
            await trip.go(.resuming)
            try expect(trip.done, ["book", "refused", "leave", "arrived"])
            try expect(try await log(of: trip.run, in: store), [])
        },
        CheckpointStoreConformance("of two runs begun under one name at the same time, one runs") { store in
            let trip = Trip(in: store, meetingIn: .book)
            await trip.goTwice(.beginning)
            try expect(trip.done, ["refused", "book", "leave", "arrived"])
            try expect(try await log(of: trip.run, in: store), [])
        },
        CheckpointStoreConformance("of two resumes of one run at the same time, one goes on") { store in
            let trip = Trip(in: store, meetingIn: .leave)
            try await trip.book()
            await trip.goTwice(.resuming)
            // The state they are in runs in both, unless the store can tell before; nothing behind it does.
            try expect(trip.done.filter { $0 != "leave" }.sorted(), ["arrived", "book", "refused"])
            try expect(try await log(of: trip.run, in: store), [])
        },
        CheckpointStoreConformance("of two resumes of one run that fails, one undoes it, once") { store in
            let trip = Trip(in: store, meetingIn: .leave, failing: true)
            try await trip.book()
            await trip.goTwice(.resuming)
            try expect(trip.done.sorted(), ["book", "failed clean", "refused", "undo"])
            try expect(try await log(of: trip.run, in: store), [])
        },
    ]
}

/// A run with a step that can be undone and one behind it, which notes what happens in it and how its drives end.
private final class Trip: Sendable {
    enum Stage: String, WorkflowState { case book, leave, arrived }
    enum Way { case beginning, resuming }

    private struct State {
        var done: [String] = []
        /// How many drives are still to come to where they meet, or to be refused on the way.
        var awaited = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private struct Booking: CompensatableTask {
        let name = "book"
        var config: TaskConfig { .minimal }
        let trip: Trip

        func run(_ context: TaskContext<Stage>) async throws -> (next: Stage, receipt: Int) {
            await trip.meet(in: .book)
            trip.note("book")
            return (.leave, 1)
        }

        func compensate(_ context: TaskContext<Stage>, _ output: Int) async throws { trip.note("undo") }
    }

    let run = RunID.random()
    private let runtime: WorkflowRuntime
    private let meeting: Stage?
    private let fails: Bool
    private let state = Mutex(State())

    init(in store: any CheckpointStore, meetingIn meeting: Stage? = nil, failing fails: Bool = false) {
        runtime = WorkflowRuntime(checkpoints: store)
        self.meeting = meeting
        self.fails = fails
    }

    var done: [String] { state.withLock { $0.done } }

    private func note(_ what: String) { state.withLock { $0.done.append(what) } }

    private var workflow: Workflow<Stage> {
        Workflow<Stage>().register(.book, Booking(trip: self))
            .register(.leave, config: .minimal) { [self] context in
                await meet(in: .leave)
                if fails { throw PlannedFailure(attempt: context.attempt) }
                note("leave")
                return .arrived
            }
            .addExitState(.arrived)
    }

    /// Drives the run to where the booking is made, and lets it go there.
    func book() async throws {
        let control = RunControl()
        let workflow = workflow.register(.leave) { _ in
            control.stop(.handBack)
            return .arrived
        }
        _ = try await workflow.drive(Run(id: run, start: .fresh(.book), control: control), in: runtime)
    }

    /// Drives the run once, and notes how that ended.
    func go(_ way: Way) async {
        do throws(CanoError) {
            switch way {
            case .beginning: note(try await workflow.orchestrate(from: .book, as: run, in: runtime).label)
            case .resuming: note(try await workflow.orchestrate(resuming: run, in: runtime).label)
            }
        } catch {
            note(error.category == .checkpointStore ? "refused" : "failed \(error.rollback.rawValue)")
            arrive(nil)
        }
    }

    func goTwice(_ way: Way) async {
        state.withLock { $0.awaited = 2 }
        async let other: Void = go(way)
        await go(way)
        await other
    }

    /// Waits there for the other drive, unless that was refused.
    private func meet(in stage: Stage) async {
        guard stage == meeting else { return }
        await withCheckedContinuation { arrive($0) }
    }

    private func arrive(_ waiter: CheckedContinuation<Void, Never>?) {
        let released = state.withLock { state in
            state.awaited -= 1
            if let waiter { state.waiting.append(waiter) }
            guard state.awaited <= 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in released { waiter.resume() }
    }
}
