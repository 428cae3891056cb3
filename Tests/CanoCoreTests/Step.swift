import CanoCore
import CanoPrimitives
import Synchronization
import Testing

/// The states most tests get by with.
enum Step: String, WorkflowState { case first, second, third, done }

/// The same states in a workflow that is started with an input.
enum StepGiven<Input: Sendable>: String, WorkflowState { case first, second, third, done }

/// Something went wrong, on purpose.
struct Mishap: CodedError, Equatable {
    var code = "mishap"
}

/// Something went wrong that no other attempt cures.
struct Hopeless: TerminalError {}

/// Counts across tasks.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    @discardableResult func increment() -> Int { count.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }
}

/// Remembers what it is given.
final class Journal<Entry: Sendable>: Sendable {
    private let kept = Mutex<[Entry]>([])

    var entries: [Entry] { kept.withLock { $0 } }

    func add(_ entry: Entry) { kept.withLock { $0.append(entry) } }
}

/// Waits until the task is cancelled.
func untilCancelled() async throws {
    let cancelled = Gate()
    await withTaskCancellationHandler {
        await cancelled.pass()
    } onCancel: {
        cancelled.open()
    }
    throw CancellationError()
}

/// What the body throws, which is to be one of the engine's errors.
func caught<Answer>(_ body: () throws -> Answer) -> CanoError? {
    do { _ = try body() } catch { return engineError(error) }
    return nil
}

/// What the body throws, which is to be one of the engine's errors.
func caught<Answer>(_ body: () async throws -> Answer) async -> CanoError? {
    do { _ = try await body() } catch { return engineError(error) }
    return nil
}

private func engineError(_ error: any Error) -> CanoError? {
    if !(error is CanoError) { Issue.record("not one of the engine's errors: \(error)") }
    return error as? CanoError
}

extension Workflow<Step> {
    /// first → done, with this closure in between.
    static func single(
        config: TaskConfig = .minimal, _ body: @escaping @concurrent @Sendable (TaskContext<Step>) async throws -> Step
    ) -> Workflow<Step> {
        Workflow<Step>().register(.first, name: "task", config: config, body).addExitState(.done)
    }
}

extension Workflow {
    /// first → done, with this closure in between, in a run that is started with an input.
    static func single<Input: Sendable>(
        given _: Input.Type, _ body: @escaping @concurrent @Sendable (TaskContext<StepGiven<Input>>) async throws -> StepGiven<Input>
    ) -> Workflow where State == StepGiven<Input> {
        Workflow().register(.first, name: "task", config: .minimal, body).addExitState(.done)
    }
}
