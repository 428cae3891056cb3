import CanoCore
import CanoPrimitives

/// A workflow with its types erased: what a bridge needs to run it.
protocol HostedWorkflow: Sendable {
    var name: String { get }
    var version: String { get }
    /// The row that says that a run is in its first state.
    var firstRow: CheckpointRow { get }
    var exitStates: Set<String> { get }
    /// The labels of states that are entered without a row.
    var rowlessStates: Set<String> { get }
    /// What it looks like.
    var graph: WorkflowGraph { get }
    /// How long undoing a run may take; nil for as long as it wants.
    var compensationTimeout: Duration? { get }

    func setUp() async throws
    func tearDown() async
    func checkHealth(within limit: Duration, in runtime: WorkflowRuntime) async -> HealthReport

    /// Decodes an input.
    ///
    /// - Throws: What ``InputProblem`` describes.
    func prepare(_ input: String) throws -> any PreparedRun
}

extension HostedWorkflow {
    /// Decodes an input that has not been checked yet.
    ///
    /// - Throws: What ``InputProblem`` describes.
    func checkAndPrepare(_ input: String) throws -> any PreparedRun {
        try JSONSyntax.check(input)
        return try prepare(input)
    }
}

/// A run with its input decoded.
protocol PreparedRun: Sendable {
    /// Drives the run to its end, or until it is to go on elsewhere.
    ///
    /// - Throws: ``CanoError`` when the run failed or was stopped.
    func drive(from beginning: RunBeginning, within budget: RunBudget, on host: RunHost, in runtime: WorkflowRuntime) async throws
        -> DriveEnd
}

/// Where driving a run begins.
enum RunBeginning: Sendable {
    /// At its first state, whose row the host has written.
    case accepted
    /// Where these rows, its whole log, left off.
    case resumed([CheckpointRow])
}

/// How driving a run ended.
enum DriveEnd: Sendable {
    /// At an exit state, with this output as JSON text.
    case completed(output: String)
    /// It waits, and is no bridge's.
    case waiting
    /// It is to be continued elsewhere.
    case relinquished(StopReason)
}

/// How long a run may take from now on, and undoing it.
struct RunBudget: Sendable, Hashable {
    /// What is left of the run's time; nil for as long as it wants.
    let left: Duration?
    /// What of it is over.
    let spent: Duration
    /// How long undoing it may take, from when it fails; nil for as long as it wants. That is its workflow's to say, and no command's:
    /// a producer that is in a hurry does not know how long it takes.
    let compensation: Duration?
}
