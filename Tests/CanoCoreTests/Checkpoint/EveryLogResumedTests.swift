import CanoCore
import CanoTesting
import Testing

/// Resumes every log the engine can have written, with the engine.
// Thousands of cases in one test: half a minute on one busy processor, and longer under ThreadSanitizer.
@Suite(.timeLimit(.minutes(5))) struct EveryLogResumedTests {
    private func undoings(_ entries: [String]) -> [Int] { entries.compactMap { $0.hasPrefix("undo ") ? Int($0.dropFirst(5)) : nil } }

    @Test(
        "every prefix of every legal log, resumed, ends legally: nothing is undone twice, no finished step is run again",
        arguments: [true, false])
    func resumed(fails: Bool) async throws {
        for log in LegalLog.all(upTo: 5) {
            let journal = Journal<String>()
            let store = InMemoryCheckpointStore()
            for row in log.written { try await store.append(row, to: "r") }
            let workflow = EveryKindWorkflow(journal: journal, next: .done, fails: fails).workflow
            let runtime = WorkflowRuntime(clock: InstantClock(), checkpoints: store)
            let end: Result<Kind, CanoError>
            do throws(CanoError) { end = .success(try await workflow.orchestrate(resuming: "r", in: runtime)) } catch {
                end = .failure(error)
            }

            let ran = Set(journal.entries.compactMap { $0.hasPrefix("run ") ? Int($0.dropFirst(4)) : nil })
            let finished = Set(log.toUndo + log.undone)
            let undone = undoings(journal.entries)
            var mistakes: [String] = []
            if !ran.isDisjoint(with: finished) { mistakes.append("ran a finished step") }
            if !Set(undone).isDisjoint(with: log.undone) || Set(undone).count != undone.count { mistakes.append("undid twice") }
            switch end {
            case .success(let state):
                if fails || log.phase == .undoing || state != .done || !undone.isEmpty { mistakes.append("completed") }
            case .failure(let error):
                if error.code != "mishap" { mistakes.append("failed with \(error)") }
                if !fails, log.phase != .undoing { mistakes.append("failed") }
                if undone != (log.toUndo + ran.subtracting(finished).sorted()).reversed() { mistakes.append("undid \(undone)") }
                if log.phase == .undoing, journal.entries.count != undone.count { mistakes.append("went forward") }
                // Without a finished step there was nothing to undo, and the log is kept for another try.
                let isUndone = !undone.isEmpty || log.phase == .undoing
                if error.rollback != (isUndone ? .clean : .none) { mistakes.append("rollback \(error.rollback)") }
                if try await store.rows(of: "r").isEmpty != isUndone { mistakes.append("kept the wrong log") }
            }
            if case .success = end, try await !store.rows(of: "r").isEmpty { mistakes.append("kept its log") }
            #expect(mistakes.isEmpty, "\(log.rows.map { "\($0.kind.rawValue) \($0.state) \($0.visit)" }): \(journal.entries)")
        }
    }

    @Test(
        "a resumed stepped task or stream goes on behind its cursor, a timer waits for what is left, a branch that has ended runs no more"
    )
    func progress() async throws {
        for log in LegalLog.all(upTo: 4) where [.steps, .stream, .timer, .split].map(LegalLog.Phase.inVisit).contains(log.phase) {
            let journal = Journal<String>()
            let store = InMemoryCheckpointStore()
            for row in log.written { try await store.append(row, to: "r") }
            let clock = InstantClock()
            let workflow = EveryKindWorkflow(journal: journal, next: .done, fails: false).workflow
            _ = try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(clock: clock, checkpoints: store))
            switch log.phase {
            case .inVisit(.steps):
                #expect(journal.entries.first == "step \(log.visit).\(log.cursor ?? 0)")
            case .inVisit(.stream):
                let flushed = log.cursor ?? 0
                let flushes = flushed < 2 ? (flushed + 1...2).map { "flush \(log.visit).\($0)" } : []
                #expect(journal.entries.filter { $0.contains(" \(log.visit).") } == ["open \(log.visit).\(flushed)"] + flushes)
            case .inVisit(.split):
                let ran = journal.entries.filter { $0.hasPrefix("branch \(log.visit).") }
                #expect(ran.sorted() == (0..<2).filter { !log.ended.contains($0) }.map { "branch \(log.visit).\($0)" })
            default:
                #expect(journal.entries.contains("wait \(log.visit)") == (log.deadline == nil))
                // An attempt that failed before the wait began is followed by one that waits, after its pause of five seconds.
                #expect(clock.unixMilliseconds == (log.deadline == nil && log.failures > 0 ? 10_000 : 5_000))
            }
        }
    }
}
