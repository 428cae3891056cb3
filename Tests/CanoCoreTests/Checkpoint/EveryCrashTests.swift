import CanoCore
import CanoTesting
import Testing

/// Lets a run die at every row, and the runs that resume it too.
// Thousands of cases in one test: half a minute on one busy processor, and longer under ThreadSanitizer.
@Suite(.timeLimit(.minutes(5))) struct EveryCrashTests {
    /// Where a life of the run ends: at this append, with its row written or not.
    private struct Death: CustomStringConvertible {
        let index: Int
        let writesLast: Bool
        var description: String { "\(index)\(writesLast ? "+" : "-")" }

        static let all = (0..<18).flatMap { index in [true, false].map { Death(index: index, writesLast: $0) } }
    }

    /// What the lives of one run left behind.
    private struct History {
        let log = InMemoryCheckpointStore()
        var mistakes: [String] = []
        var undone: [Int] = []
        var end: Result<Kind, CanoError>?

        /// One more life of the run, from where the log is.
        mutating func live(until death: Death?, fails: Bool) async throws {
            let before = try await log.rows(of: "r")
            let store = DyingStore(log, dyingAt: death?.index, writesLast: death?.writesLast ?? false)
            let journal = Journal<String>()
            let workflow = EveryKindWorkflow(journal: journal, next: .done, fails: fails).workflow
            let runtime = WorkflowRuntime(clock: InstantClock(), checkpoints: store)
            let run = Run(id: "r", start: before.isEmpty ? .fresh(Kind.book) : .resumed(rows: before))
            do {
                if case .completed(let state) = try await workflow.drive(run, in: runtime) { end = .success(state) }
            } catch {
                end = .failure(error)
            }

            let finished = before.filter { $0.kind == .compensationCompletion }.map(\.visit)
            let recorded = before.filter { $0.kind == .compensated }.map(\.visit)
            let cursors = before.filter { $0.kind == .stepCursor }
            for entry in journal.entries {
                let words = entry.split(separator: " ")
                let numbers = words[1].split(separator: ".").compactMap { Int($0) }
                guard let visit = numbers.first else { continue }
                if let cursor = cursors.first(where: { $0.visit == visit })?.payload.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) {
                    if words[0] == "step", numbers[1] < cursor { mistakes.append("stepped to \(entry) again") }
                    if words[0] == "flush", numbers[1] <= cursor { mistakes.append("flushed \(entry) again") }
                }
                if words[0] == "run", finished.contains(visit) { mistakes.append("ran \(visit) again") }
                if words[0] == "undo" {
                    if recorded.contains(visit) { mistakes.append("undid \(visit) again") }
                    undone.append(visit)
                }
            }
            if before.contains(where: { $0.kind == .rollbackStart }), journal.entries.contains(where: { !$0.hasPrefix("undo") }) {
                mistakes.append("went forward in a rollback")
            }
            if store.wasTouchedAfterDeath { mistakes.append("touched a log that was lost") }
        }
    }

    @Test("whichever rows a run and those that resume it die at, the end is that of a run that never died", arguments: [true, false])
    func everyPairOfDeaths(fails: Bool) async throws {
        var lives = 0
        for first in Death.all {
            for second in Death.all {
                var history = History()
                for death in [first, second, nil] where history.end == nil {
                    try await history.live(until: death, fails: fails)
                    lives += 1
                }
                switch history.end {
                case .success(let state): if fails || state != .done || !history.undone.isEmpty { history.mistakes.append("completed") }
                case .failure(let error):
                    if !fails || error.code != "mishap" || error.rollback != .clean { history.mistakes.append("failed with \(error)") }
                    // A step undone just before the run died may be undone again; all of them are.
                    if Set(history.undone) != [1, 2] { history.mistakes.append("undid \(history.undone)") }
                case nil: history.mistakes.append("never ended")
                }
                if try await !history.log.rows(of: "r").isEmpty { history.mistakes.append("kept its log") }
                #expect(history.mistakes.isEmpty, "\(first) \(second)")
            }
        }
        #expect(lives > 1_000)
    }

    @Test("a row that was written and not answered for is not written again, nor what it stands for done again")
    func lostReply() async throws {
        for index in 0..<17 {
            var history = History()
            try await history.live(until: Death(index: index, writesLast: true), fails: true)
            try await history.live(until: nil, fails: true)
            #expect(history.undone == [2, 1], "\(index)")
        }
    }
}
