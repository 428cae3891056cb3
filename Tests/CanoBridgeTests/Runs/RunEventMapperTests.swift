import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("What is published of what the engine tells", .timeLimit(.minutes(5)))
struct RunEventMapperTests {
    private static let error = CanoError(.taskExecution, "no", state: "s", task: "t", attempt: 2)

    /// What the engine tells, the level from which on it is published, and as what; nil for what never is.
    private static let table: [(told: WorkflowEvent, level: EventLevel, published: (any EventDataCoding)?)] = [
        (.stateEntered(state: "s", previous: nil), .runs, nil),
        (.stateEntered(state: "s", previous: "r"), .states, StateEntered(state: "s", previous: "r")),
        (.taskStarted(state: "s", task: "t"), .tasks, TaskEvent(.taskStarted, state: "s", task: "t")),
        (.taskSucceeded(state: "s", task: "t"), .tasks, TaskEvent(.taskSucceeded, state: "s", task: "t")),
        (.taskFailed(state: "s", task: "t", error: error), .runs, TaskFailed(state: "s", task: "t", error: RunFailure(error))),
        (
            .taskRetried(state: "s", task: "t", attempt: 2, delay: .milliseconds(1_500), error: error), .runs,
            TaskRetried(state: "s", task: "t", attempt: 2, delay: 1_500, error: RunFailure(error))
        ),
        (
            .itemRetried(state: "s", task: "t", item: 7, attempt: 2, delay: .milliseconds(1_500), error: error), .tasks,
            ItemRetried(state: "s", task: "t", item: 7, attempt: 2, delay: 1_500, error: RunFailure(error))
        ),
        (
            .itemFailed(state: "s", task: "t", item: 7, error: error), .tasks,
            ItemFailed(state: "s", task: "t", item: 7, error: RunFailure(error))
        ),
        (.circuitOpened(state: "s", task: "t"), .runs, TaskEvent(.circuitOpened, state: "s", task: "t")),
        (.checkpointWritten(sequence: 3, kind: .stepCursor), .all, CheckpointWritten(row: 3, kind: "step_cursor")),
        (.compensationStarted(task: "t"), .runs, CompensationEvent(.compensationStarted, task: "t")),
        (.compensationSucceeded(task: "t"), .runs, CompensationEvent(.compensationSucceeded, task: "t")),
        (.compensationFailed(task: "t", error: error), .runs, CompensationFailed(task: "t", error: RunFailure(error))),
        (.resumed(sequence: 1, state: "s"), .runs, nil), (.cancelled(state: "s", reason: "r"), .runs, nil),
        (.timedOut(elapsed: .seconds(1), limit: .seconds(1)), .runs, nil), (.attemptAbandoned(state: "s", task: "t"), .runs, nil),
        (.checkpointClearFailed(error: error), .runs, nil), (.unknownResumeState(sequence: 1, label: "s"), .runs, nil),
    ]

    @Test("depends on the level", arguments: EventLevel.allCases)
    func levels(level: EventLevel) {
        for (told, lowest, data) in Self.table {
            let expected = level >= lowest ? data : nil
            let event = RunEventMapper(level: level).event(for: told, at: 5)
            #expect(event?.type == expected?.type && event?.data == expected?.json, "\(told)")
            if event != nil { #expect(event?.time == 5) }
        }
    }
}
