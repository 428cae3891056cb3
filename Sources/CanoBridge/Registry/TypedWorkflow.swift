import CanoCore
import CanoPrimitives

/// A workflow as it was registered: with the types of its state, its input and its output.
struct TypedWorkflow<State: WorkflowState, Input: Codable & Sendable, Output: Encodable & Sendable>: HostedWorkflow {
    typealias MakeOutput = @concurrent @Sendable (RunResult<State, Input>) async throws -> Output

    let name: String
    let version: String
    let firstRow: CheckpointRow
    let exitStates: Set<String>
    let rowlessStates: Set<String>
    let compensationTimeout: Duration?
    private let workflow: Workflow<State>
    private let makeOutput: MakeOutput

    init(
        _ workflow: Workflow<State>, name: String, version: String, start: State, compensationTimeout: Duration?,
        output: @escaping MakeOutput
    ) {
        self.workflow = workflow.versioned(version)
        self.name = name
        self.version = version
        self.compensationTimeout = compensationTimeout
        makeOutput = output
        firstRow = CheckpointRow(
            sequence: 0, kind: .stateEntry, state: start.label, task: workflow.taskName(of: start) ?? "", visit: 1, version: version)
        exitStates = Set(workflow.exitStates.map(\.label))
        rowlessStates = Set(workflow.statesWithoutRows.map(\.label))
    }

    func setUp() async throws { try await workflow.setUpResources() }

    func tearDown() async { await workflow.tearDownResources() }

    func checkHealth(within limit: Duration, in runtime: WorkflowRuntime) async -> HealthReport {
        await workflow.checkHealth(within: limit, in: runtime)
    }

    func prepare(_ input: String) throws -> any PreparedRun {
        Prepared(hosted: self, input: try JSONValue.decode(Input.self, from: input.utf8))
    }

    private struct Prepared: PreparedRun {
        let hosted: TypedWorkflow
        let input: Input

        func drive(
            from beginning: RunBeginning, within budget: RunBudget, on host: RunHost, in runtime: WorkflowRuntime
        ) async throws -> DriveEnd {
            var runtime = runtime
            runtime.checkpointLog = host.log
            runtime.stores = host.sharedStores
            runtime.observers.append(host.observer)
            let start: Run<State>.Start =
                switch beginning {
                case .accepted: .accepted(first: hosted.firstRow)
                case .resumed(let rows): .resumed(rows: rows)
                }
            let run = Run<State>(
                id: host.run, start: start, input: input, store: host.store, control: host.control, timeout: budget.left,
                compensationTimeout: budget.compensation)
            switch try await hosted.workflow.drive(run, in: runtime) {
            case .completed(let state):
                return .completed(output: try await output(of: RunResult(runID: host.run, state: state, input: input, store: host.store)))
            case .suspended: return .relinquished(.handBack)
            case .relinquished(let reason): return .relinquished(reason)
            }
        }

        private func output(of result: RunResult<State, Input>) async throws -> String {
            do {
                return String(decoding: try JSONValue.encode(try await hosted.makeOutput(result)), as: UTF8.self)
            } catch {
                throw CanoError(
                    .taskExecution, "The run reached its exit state, but its output could not be made: \(error)", state: result.state.label,
                    underlying: error)
            }
        }
    }
}
