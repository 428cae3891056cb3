import CanoCore
import CanoPrimitives

/// A workflow as it was registered: with the type of its state, and how its input and output are written as JSON.
struct TypedWorkflow<State: WorkflowState>: HostedWorkflow {
    let version: String
    let firstRow: CheckpointRow
    let exitStates: Set<String>
    let rowlessStates: Set<String>
    let graph: WorkflowGraph
    private let workflow: Workflow<State>
    private let json: WorkflowJSON<State>

    var name: String { workflow.name }
    var compensationTimeout: Duration? { workflow.compensationTimeout }

    init(_ workflow: Workflow<State>, startingAt start: State, json: WorkflowJSON<State>) {
        self.workflow = workflow
        self.json = json
        version = workflow.version
        firstRow = CheckpointRow(
            sequence: 0, kind: .stateEntry, state: start.label, task: workflow.taskName(of: start) ?? "", visit: 1, version: version)
        exitStates = Set(workflow.exitStates.map(\.label))
        graph = workflow.graph()
        rowlessStates = Set(workflow.statesWithoutRows.map(\.label))
    }

    func setUp() async throws { try await workflow.setUpResources() }

    func tearDown() async { await workflow.tearDownResources() }

    func checkHealth(within limit: Duration, in runtime: WorkflowRuntime) async -> HealthReport {
        await workflow.checkHealth(within: limit, in: runtime)
    }

    func prepare(_ input: String) throws -> any PreparedRun {
        Prepared(hosted: self, input: try json.decodeInput(input))
    }

    private struct Prepared: PreparedRun {
        let hosted: TypedWorkflow
        let input: State.Input

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
                elapsed: budget.spent,
                compensationTimeout: budget.compensation, inbox: host.inbox)
            switch try await hosted.workflow.drive(run, in: runtime) {
            case .completed(let state):
                let result = RunResult<State>(runID: host.run, state: state, input: input, store: host.store)
                return .completed(output: try hosted.json.encodeOutput(try await hosted.workflow.output(of: result), at: state))
            case .waiting: return .waiting
            case .relinquished(let reason): return .relinquished(reason)
            }
        }
    }
}
