import CanoBus
import Testing

@testable import CanoBridge
@testable import CanoCore

@Suite("How a run ended", .timeLimit(.minutes(5)))
struct RunEndingTests {
    private func error(_ category: CanoError.Category, _ rollback: Rollback = .none, causes: [CanoError] = []) -> CanoError {
        var error = CanoError(category, "no", state: "s", causes: causes)
        error.rollback = rollback
        return error
    }

    @Test("by completing keeps nothing but its record, for a while")
    func completed() {
        let ending = RunEnding.completed(output: "1")
        #expect(ending.status == .completed && ending.output == "1" && !ending.keepsLog && !ending.isKeptForever)
        #expect(ending.event(in: "done", after: 7, at: 5) == PendingEvent(RunCompleted(state: "done", output: "1", duration: 7), at: 5))
        let early = ending.event(in: "done", after: -7, at: 5)
        #expect(early.data.contains(#""duration_ms":0"#), "a clock that was set makes no time negative")
    }

    @Test(
        "by failing keeps what it can go on from",
        arguments: [(.none, true, false), (.clean, false, false), (.partial, true, true)] as [(Rollback, Bool, Bool)])
    func failed(rollback: Rollback, keepsLog: Bool, isKeptForever: Bool) throws {
        let error = error(.taskExecution, rollback)
        let ending = RunEnding(error, stopped: nil)
        #expect(ending.status == .failed && ending.keepsLog == keepsLog && ending.isKeptForever == isKeptForever)
        #expect(ending.isResumable == keepsLog && ending.rollback?.rawValue == rollback.rawValue)
        let event = ending.event(in: "s", after: 7, at: 5)
        #expect(
            event.data
                == RunFailed(
                    state: "s", error: RunFailure(error).json, rollback: try #require(ending.rollback), isResumable: keepsLog, duration: 7
                ).json)
    }

    @Test("by being cancelled is no failure, if a command asked for it")
    func cancelled() {
        let ending = RunEnding(error(.cancelled, .clean), stopped: .cancelled(reason: "enough"))
        #expect(ending.status == .cancelled && ending.reason == "enough" && ending.rollback == .clean)
        #expect(ending.error == nil && ending.isResumable == nil && !ending.keepsLog)
        #expect(
            ending.event(in: "s", after: 7, at: 5)
                == PendingEvent(RunCancelled(state: "s", reason: "enough", rollback: .clean, duration: 7), at: 5))
    }

    @Test("by being cancelled and not undone whole can go on being undone")
    func cancelledPartly() {
        let failure = error(.compensationFailed, .partial, causes: [error(.cancelled)])
        let ending = RunEnding(failure, stopped: .cancelled(reason: nil))
        #expect(ending.status == .cancelled && ending.error == RunFailure(failure).json && ending.isResumable == true)
        #expect(ending.keepsLog && ending.isKeptForever)
    }

    @Test("by being cancelled where no bridge has the workflow keeps what there is to undo", arguments: [true, false])
    func abandoned(hasStepsToUndo: Bool) {
        let ending = RunEnding.abandoned(reason: "enough", hasStepsToUndo: hasStepsToUndo, workflow: "w", version: "1", state: "s")
        #expect(
            ending.status == .cancelled && ending.reason == "enough" && ending.rollback == (hasStepsToUndo ? .partial : RollbackResult.none)
        )
        #expect(ending.keepsLog == hasStepsToUndo && ending.isKeptForever == hasStepsToUndo && (ending.error != nil) == hasStepsToUndo)
        #expect(ending.isResumable == (hasStepsToUndo ? true : nil))
    }

    @Test("by an error of that category is a failure when it was not asked for, and so is another error although it was")
    func failedAllTheSame() {
        #expect(RunEnding(error(.cancelled), stopped: nil).status == .failed)
        #expect(RunEnding(error(.taskExecution), stopped: .cancelled(reason: "enough")).status == .failed)
        #expect(RunEnding(error(.workflowTimeout), stopped: .timedOut).status == .failed)
    }
}
