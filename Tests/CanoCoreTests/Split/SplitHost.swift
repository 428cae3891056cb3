import CanoCore
import CanoPrimitives
import Synchronization

/// The states of a workflow whose first one is a split.
enum Fork: String, WorkflowState, CaseIterable { case first, second, third, done }

/// A host of one run whose state is a split: keeps its log as it was after each row, its waits if it is to, and its unread signals. It says
/// what it was asked in one call, and fails as it is told.
final class SplitHost: CheckpointLog {
    /// A log as a process that dies leaves it.
    struct Moment: Sendable {
        var rows: [CheckpointRow] = []
        var unread: [ReceivedSignal] = []

        /// The branches that have ended.
        var ended: Set<Int> { Set(rows.filter { $0.kind == .branchEnd }.compactMap(\.branch)) }
    }

    private struct State {
        var moment: Moment
        var moments: [Moment] = []
        var calls: [[String]] = []
        var waits: [RunWait] = []
        var requests: [WorkRequest] = []
        var faults: [Int: any Error] = [:]
        var isHeldUp = false
    }

    private let state: Mutex<State>
    private let inbox = Mutex<RunInbox?>(nil)
    private let clock: any EngineClock
    private let putsDown: Bool
    let handsOut: Bool
    /// Holds appends of branches up.
    let gate = Gate(isOpen: true)

    init(on clock: any EngineClock, from moment: Moment = Moment(), putsDown: Bool = false, handsOut: Bool = false) {
        self.clock = clock
        self.putsDown = putsDown
        self.handsOut = handsOut
        state = Mutex(State(moment: moment))
    }

    var moment: Moment { state.withLock { $0.moment } }
    /// How the log was after each row.
    var moments: [Moment] { state.withLock { $0.moments } }
    /// The rows of each call, as kind and branch.
    var calls: [[String]] { state.withLock { $0.calls } }
    /// The calls that branches led to.
    var branchCalls: [[String]] { calls.filter { $0.contains { $0.contains(" ") } } }
    /// Whether an append of branches has come to the gate.
    var isHeldUp: Bool { state.withLock { $0.isHeldUp } }
    var waits: [RunWait] { state.withLock { $0.waits } }
    /// What was handed out, so far.
    var requests: [WorkRequest] { state.withLock { $0.requests } }

    /// Fails at the call of that number, counted from 0, once.
    func fail(atCall call: Int, with error: any Error) { state.withLock { $0.faults[call] = error } }

    /// A signal comes. What runs here hears of it, as from a bridge that looks into the inbox.
    func signal(_ name: String, _ data: String = "null", id: String) {
        take(ReceivedSignal(id: id, name: name, data: Array(data.utf8)))
    }

    private func take(_ signal: ReceivedSignal) {
        state.withLock { $0.moment.unread.append(signal) }
        inbox.withLock { $0 }?.deliver([signal])
    }

    /// A worker answers.
    func answer(_ request: WorkRequest, _ answer: WorkAnswer) {
        take(answer.signal(answering: request, id: "\(request.leg)#\(request.attempt)"))
    }

    func append(_ row: CheckpointRow, to run: RunID) async throws { try await append(contentsOf: [row], to: run) }

    func append(contentsOf rows: [CheckpointRow], to run: RunID) async throws {
        if rows.contains(where: { $0.branch != nil }) {
            state.withLock { $0.isHeldUp = true }
            await gate.pass()
        }
        let inbox = inbox.withLock { $0 }
        let consumed = inbox?.consumed ?? []
        try state.withLock { state in
            let number = state.calls.count
            state.calls.append(rows.map { row in row.kind.rawValue + (row.branch.map { " \($0)" } ?? "") })
            if let fault = state.faults.removeValue(forKey: number) { throw fault }
            for row in rows {
                if state.moment.rows.contains(row) { continue }
                if let replaced = row.replaces { state.moment.rows.removeAll { $0.sequence >= replaced } }
                state.moment.rows.append(row)
                if let request = row.request { state.requests.append(request) }
                state.moment.unread.removeAll { consumed.contains($0.id) }
                state.moments.append(state.moment)
            }
        }
        inbox?.settle(consumed)
    }

    func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
        try await append(row, to: run)
        return state.withLock { state in
            state.waits.append(wait)
            guard putsDown else { return .here }
            let isOver = wait.until.map { $0 <= clock.unixMilliseconds } ?? false
            return isOver || wait.isMet(by: Set(state.moment.unread.map(\.name))) ? .arrived(state.moment.unread) : .putDown
        }
    }

    /// Drives the run as a process does that has it for the first time, or takes it up.
    func drive<S: WorkflowState>(
        _ workflow: Workflow<S>, control: RunControl? = nil, store: (any RunStore)? = nil, stores: (any SharedStores)? = nil,
        workers: (any WorkerPool)? = nil, observers: [any WorkflowObserver] = []
    ) async throws(CanoError) -> RunOutcome<S> where S.Input == Void {
        let inbox = RunInbox()
        let (rows, unread) = state.withLock { ($0.moment.rows, $0.moment.unread) }
        inbox.deliver(unread)
        self.inbox.withLock { $0 = inbox }
        var runtime = WorkflowRuntime(clock: clock, workers: workers, observers: observers)
        runtime.checkpointLog = self
        runtime.stores = stores
        let start: Run<S>.Start = rows.isEmpty ? .fresh(try workflow.start) : .resumed(rows: rows)
        return try await workflow.drive(
            Run(id: "r", start: start, input: (), store: store, control: control, inbox: inbox), in: runtime)
    }
}

/// What a split's reduction was given, comparable.
struct Reduced: Equatable, Sendable {
    var successes: [Int: Int] = [:]
    var failures: [Int: String] = [:]
    var cancelled: [Int] = []

    init(successes: [Int: Int], cancelled: [Int]) { (self.successes, self.cancelled) = (successes, cancelled) }

    init(_ result: SplitResult<Int>) {
        for success in result.successes { successes[success.index] = success.output }
        for failure in result.failures { failures[failure.index] = failure.error.code }
        cancelled = result.cancelled
    }
}

extension Workflow<Fork> {
    /// A workflow whose first state is a split of these branches, and which writes down what its reduction is given.
    static func split(_ branches: [Branch<Fork, Int>], _ join: JoinConfig = JoinConfig(), to results: Journal<Reduced>) -> Workflow<Fork> {
        Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split(branches, join: join) { result, _ in
                    results.add(Reduced(result))
                    return .done
                }
            default: .exit
            }
        }
    }
}
