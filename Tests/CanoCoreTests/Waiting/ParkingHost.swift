import CanoCore
import Synchronization

/// A host that keeps the waits of runs: it puts each run down that begins to wait, and has its log and its unread signals. If it is to, it hands
/// work out.
final class ParkingHost: CheckpointLog {
    /// Where the process dies that has the run: at this row, which is written or not. The run is not answered.
    struct Death: CustomStringConvertible {
        let row: Int
        let isWritten: Bool
        var description: String { "\(row)\(isWritten ? "+" : "-")" }
    }

    private struct State {
        var rows: [CheckpointRow] = []
        var unread: [ReceivedSignal] = []
        /// Those that come, one after the other, while the process still has the run that it has put down.
        var soon: [ReceivedSignal] = []
        var waits: [RunWait] = []
        var requests: [WorkRequest] = []
        /// The legs whose work was withdrawn.
        var withdrawn: Set<String> = []
        var appends = 0
        var death: Death?
        /// How many rows came from the process that has the run.
        var rowsOfProcess = 0
        var isDead = false
        var wasTouchedAfterDeath = false
    }

    private let inbox = Mutex<RunInbox?>(nil)
    /// What the run has written, which outlives its processes.
    private let store = MemoryStore()
    private let state: Mutex<State>
    private let clock: any EngineClock
    let handsOut: Bool

    init(on clock: any EngineClock, rows: [CheckpointRow] = [], handsOut: Bool = false) {
        state = Mutex(State(rows: rows))
        self.clock = clock
        self.handsOut = handsOut
    }

    var rows: [CheckpointRow] { state.withLock { $0.rows } }
    var unread: [ReceivedSignal] { state.withLock { $0.unread } }
    /// What the run has waited for, so far.
    var waits: [RunWait] { state.withLock { $0.waits } }
    /// What was handed out, so far.
    var requests: [WorkRequest] { state.withLock { $0.requests } }
    var appends: Int { state.withLock { $0.appends } }
    /// Whether a process did anything to the log after it had lost the run.
    var wasTouchedAfterDeath: Bool { state.withLock { $0.wasTouchedAfterDeath } }

    func signal(_ name: String, _ data: String = "null", id: String) {
        state.withLock { $0.unread.append(ReceivedSignal(id: id, name: name, data: Array(data.utf8))) }
    }

    /// A signal that comes soon after the run was put down.
    func signalSoon(_ name: String, _ data: String = "null", id: String) {
        state.withLock { $0.soon.append(ReceivedSignal(id: id, name: name, data: Array(data.utf8))) }
    }

    func untilWokenHere(_ run: RunID) async throws -> [ReceivedSignal]? {
        state.withLock { state in
            guard !state.soon.isEmpty else { return nil }
            state.unread.append(state.soon.removeFirst())
            return state.unread
        }
    }

    /// A worker answers.
    func answer(_ request: WorkRequest, _ answer: WorkAnswer, id: String? = nil) {
        let signal = answer.signal(answering: request, id: id ?? "\(request.leg)#\(request.attempt)")
        state.withLock { $0.unread.append(signal) }
    }

    /// The run has ended: what was handed out for it is withdrawn.
    func end() {
        state.withLock { state in
            state.withdrawn = Set(state.requests.map(\.leg))
            state.unread = []
        }
    }

    func isHandedOut(_ leg: String, of run: RunID) -> Bool { state.withLock { !$0.withdrawn.contains(leg) } }

    func append(_ row: CheckpointRow, to run: RunID) async throws { try write(row, opening: nil) }

    func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
        try write(row, opening: wait)
        return state.withLock { state in
            let isOver = wait.until.map { $0 <= clock.unixMilliseconds } ?? false
            return isOver || wait.isMet(by: Set(state.unread.map(\.name))) ? .arrived(state.unread) : .putDown
        }
    }

    /// Adds the row, and takes the signals off that have led to it.
    private func write(_ row: CheckpointRow, opening wait: RunWait?) throws {
        let consumed = inbox.withLock { $0?.consumed ?? [] }
        try state.withLock { state in
            if state.isDead { state.wasTouchedAfterDeath = true }
            defer { state.rowsOfProcess += 1 }
            let dies = state.isDead || state.rowsOfProcess == state.death?.row
            if !state.isDead, !dies || state.death?.isWritten == true {
                if let replaced = row.replaces { state.rows.removeAll { $0.sequence >= replaced } }
                state.rows.append(row)
                if let request = row.request {
                    state.requests.append(request)
                    state.withdrawn.remove(request.leg)
                }
                state.appends += 1
                state.unread.removeAll { consumed.contains($0.id) }
                if let wait { state.waits.append(wait) }
            }
            if !dies { inbox.withLock { $0?.settle(consumed) } }
            state.isDead = dies
            if dies { throw Relinquished(reason: .ownershipLost) }
        }
    }
}

extension ParkingHost {
    /// Drives a run of the workflow as a process does that has it for the first time, or takes it up.
    func drive<State: WorkflowState>(
        _ workflow: Workflow<State>, until death: Death? = nil, control: RunControl? = nil, workers: (any WorkerPool)? = nil,
        observers: [any WorkflowObserver] = [], compensationTimeout: Duration? = nil
    ) async throws(CanoError) -> RunOutcome<State> where State.Input == Void {
        state.withLock { state in (state.death, state.rowsOfProcess, state.isDead) = (death, 0, false) }
        let inbox = RunInbox()
        inbox.deliver(unread)
        self.inbox.withLock { $0 = inbox }
        var runtime = WorkflowRuntime(clock: clock, workers: workers, observers: observers)
        runtime.checkpointLog = self
        let start: Run<State>.Start = rows.isEmpty ? .fresh(try workflow.start) : .resumed(rows: rows)
        return try await workflow.drive(
            Run(
                id: "r", start: start, input: (), store: store, control: control, compensationTimeout: compensationTimeout, inbox: inbox),
            in: runtime)
    }
}
