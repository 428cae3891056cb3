import CanoCore
import CanoPrimitives

/// A workflow with its types erased: what a bridge needs to run it.
struct RegisteredWorkflow: Sendable {
    let name: String
    let version: String
    /// The label of the state runs begin in, and the row that says so.
    let firstRow: CheckpointRow
    let exitStates: Set<String>
    /// The labels of states that are entered without a row.
    let rowlessStates: Set<String>
    let setUp: @Sendable () async throws -> Void
    let tearDown: @Sendable () async -> Void
    let checkHealth: @Sendable (Duration, WorkflowRuntime) async -> HealthReport

    /// How long undoing a run may take, where it isn't reckoned from the run's own time.
    let compensationTimeout: Duration?

    /// The input of one run, decoded, ready to be driven from its beginning.
    typealias Drive = @Sendable (RunSession, Beginning, RunBudget, WorkflowRuntime) async throws -> Ending

    /// Where a run begins on this bridge.
    enum Beginning: Sendable {
        /// At its first state, whose row was written when the run was accepted.
        case accepted(first: CheckpointRow)
        /// Where these rows, its whole log, left off.
        case resumed(rows: [CheckpointRow])

        func start<State>() -> Run<State>.Start {
            switch self {
            case .accepted(let first): .accepted(first: first)
            case .resumed(let rows): .resumed(rows: rows)
            }
        }
    }

    /// How driving a run ended.
    enum Ending: Sendable {
        case completed(output: String)
        case suspended(until: Int64)
        case relinquished(StopReason)
    }

    /// Decodes an input and gives what drives a run with it.
    let prepare: @Sendable (_ input: String) throws -> Drive

    init<State: WorkflowState, Input: Codable & Sendable, Output: Encodable & Sendable>(
        _ workflow: Workflow<State>, name: String, version: String, start: State, input: Input.Type, compensationTimeout: Duration?,
        output: @escaping @concurrent @Sendable (RunResult<State, Input>) async throws -> Output
    ) {
        let workflow = workflow.versioned(version)
        self.name = name
        self.version = version
        self.compensationTimeout = compensationTimeout
        firstRow = CheckpointRow(
            sequence: 0, kind: .stateEntry, state: start.label, task: workflow.taskName(of: start) ?? "", visit: 1, version: version)
        exitStates = Set(workflow.exitStates.map(\.label))
        rowlessStates = Set(workflow.statesWithoutRows.map(\.label))
        setUp = { try await workflow.setUpResources() }
        tearDown = { await workflow.tearDownResources() }
        checkHealth = { limit, runtime in await workflow.checkHealth(within: limit, in: runtime) }
        prepare = { text in
            let input = try JSONValue.decode(Input.self, from: text.utf8)
            return { session, beginning, budget, runtime in
                var runtime = runtime
                runtime.checkpointLog = session
                runtime.stores = session
                runtime.observers.append(session)
                let id = RunID(session.identity.run)
                let run = Run<State>(
                    id: id, start: beginning.start(), input: input, store: session, control: session.control, timeout: budget.left,
                    compensationTimeout: budget.compensation)
                switch try await workflow.drive(run, in: runtime) {
                case .completed(let state):
                    let result = RunResult(runID: id, state: state, input: input, store: session)
                    return .completed(output: try await Self.text(of: output, result, at: state))
                case .suspended(let moment): return .suspended(until: moment)
                case .relinquished(let reason): return .relinquished(reason)
                }
            }
        }
    }

    /// Decodes an input that nobody has looked at yet.
    ///
    /// - Throws: What ``InputProblem`` describes.
    func checked(_ input: String) throws -> Drive {
        try JSONSyntax.check(input)
        return try prepare(input)
    }

    /// The member of `P:workflows` by which this bridge says that it has the workflow.
    func listing(for bridge: String) -> String {
        WorkflowListing(workflow: name, version: version, bridge: bridge).description
    }

    private static func text<State: WorkflowState, Input: Sendable, Output: Encodable & Sendable>(
        of output: @concurrent @Sendable (RunResult<State, Input>) async throws -> Output, _ result: RunResult<State, Input>,
        at state: State
    ) async throws -> String {
        do {
            return String(decoding: try JSONValue.encode(try await output(result)), as: UTF8.self)
        } catch {
            throw CanoError(
                .taskExecution, "The run reached its exit state, but its output could not be made: \(error)", state: state.label,
                underlying: error)
        }
    }
}
