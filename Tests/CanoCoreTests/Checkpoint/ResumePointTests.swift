import Testing

@testable import CanoCore

// Thousands of cases in one test: half a minute on one busy processor, and longer under ThreadSanitizer.
@Suite(.timeLimit(.minutes(5))) struct ResumePointTests {
    @Test("every legal log that up to six rows were written to is read as a naive model reads it, in whatever order its rows come")
    func everyLegalLog() async throws {
        let logs = LegalLog.all(upTo: 6)
        #expect(logs.count > 10_000)
        for log in logs {
            // There may be no more than two threads for all tests, and others keep an eye on the clock.
            await Task.yield()
            let point = try ResumePoint(rows: log.rows.reversed(), version: "")
            var mistakes: [String] = []
            func expect(_ holds: Bool, _ what: String) { if !holds { mistakes.append(what) } }
            switch (log.phase, point.continuation) {
            case (.inVisit(let kind), .inVisit(of: let state)), (.entering(let kind), .enter(let state)):
                expect(kind.label == state, "state")
            case (.undoing, .rollBack(let failure)):
                expect(failure.error.code == "mishap", "failure")
            default:
                mistakes.append("continuation")
            }
            expect(point.last.sequence == log.nextSequence - 1, "last")
            expect(point.rows.count == log.rows.count, "count")
            expect(point.completed.map(\.visit) == log.toUndo, "completed")
            let forward = log.rows.prefix { $0.kind != .rollbackStart }
            let firsts = Dictionary(grouping: forward, by: \.visit).values.compactMap { $0.first?.sequence }
            expect(point.entries.map(\.sequence) == firsts.sorted(), "entries")
            let isInVisit = if case .inVisit = log.phase { true } else { false }
            let cursor = isInVisit ? log.cursor : nil
            expect(point.progress.cursor == cursor.map { Array("\($0)".utf8) }, "cursor")
            expect(point.progress.cursorSequence == (isInVisit ? log.cursorSequence : nil), "cursor row")
            expect(point.progress.ended.map(\.index) == (isInVisit ? log.ended : []), "branches")
            expect(point.progress[.task].wait?.until == (isInVisit ? log.deadline : nil), "deadline")
            expect(point.progress[.task].failures == log.failures, "failures")
            expect(point.progress.undoing == log.undoing, "undoing")
            #expect(mistakes.isEmpty, "\(log.rows)")
        }
    }

    @Test("whatever row follows a legal log, it is one the engine can write or the log is refused")
    func everyRowAfterALegalLog() async throws {
        var refused = 0
        for log in LegalLog.all(upTo: 4) {
            await Task.yield()
            let continuations = Set(log.extensions.compactMap { $0.rows.last.map(Shape.init) })
            for shape in Shape.all(after: log) {
                let rows = log.rows + [shape.row(sequence: log.nextSequence)]
                // The reader knows no kinds of states: it takes any visit for one that may end any way.
                let isLegal = continuations.contains(shape) || shape.isHarmless(after: log)
                let isRead = (try? ResumePoint(rows: rows, version: "")) != nil
                if !isRead { refused += 1 }
                #expect(isRead == isLegal, "\(rows)")
            }
        }
        #expect(refused > 10_000)
    }

    @Test("a log that no run can have written is refused, saying which row is wrong")
    func malformed() {
        func problem(_ rows: CheckpointRow...) -> String? {
            do {
                _ = try ResumePoint(rows: rows, version: "")
                return nil
            } catch {
                #expect(error.code == "malformed_log")
                return error.message
            }
        }
        let entry = CheckpointRow(sequence: 0, state: "a", visit: 1)
        func after(_ kind: RowKind, next: String? = nil, _ payload: String? = nil) -> CheckpointRow {
            CheckpointRow(sequence: 1, kind: kind, state: "a", visit: 1, next: next, payload: payload.map { Array($0.utf8) })
        }
        #expect(problem(after(.rollbackStart, LegalLog.failure))?.contains("a visit that is not there") == true)
        #expect(problem(entry, entry)?.contains("sequence of another row") == true)
        #expect(problem(entry, after(.compensationCompletion, "1"))?.contains("next state") == true)
        #expect(problem(entry, after(.compensationCompletion, next: "b"))?.contains("output") == true)
        #expect(problem(entry, after(.stepCursor))?.contains("cursor") == true)
        #expect(problem(entry, after(.waiting, "soon"))?.contains("how far") == true)
        #expect(problem(entry, after(.attempt))?.contains("how far") == true)
        #expect(problem(entry, after(.branchEnd, "{}"))?.contains("branch") == true)
        #expect(problem(entry, after(.rollbackStart, "?"))?.contains("why") == true)
        #expect(problem(entry, after(.stateEntry))?.contains("visit 1 after visit 1") == true)
    }

    @Test("the failure behind a rollback is read back as it was, but for the thrown value")
    func storedFailure() throws {
        let failure = CanoError(
            .retryExhausted, "gave \"up\"\n\t\u{1}\\ für 日本", code: "card_declined", state: "charge", task: "Charge", attempt: 3,
            path: ["a", "b"],
            isRetryable: false, causes: [CanoError(.timeout, "slow")])
        let row = CheckpointRow(sequence: 0, state: "a", payload: StoredFailure(failure).encoded)
        #expect("\(try StoredFailure(row).error)" == "\(failure)")
        #expect(try StoredFailure(row).error.isRetryable == false)
    }

    @Test("a stored failure of a category this release does not know keeps its code")
    func unknownCategory() throws {
        for code in ["quota_exceeded", "card_declined"] {
            let text = #"{"category":"quota_exceeded","code":"\#(code)","message":"m","path":[],"retryable":false,"causes":[]}"#
            let error = try StoredFailure(CheckpointRow(sequence: 0, state: "a", payload: Array(text.utf8))).error
            #expect(error.category == .generic)
            #expect(error.code == code)
        }
        let known = CanoError(.timeout, "m")
        #expect(try StoredFailure(CheckpointRow(sequence: 0, state: "a", payload: StoredFailure(known).encoded)).error.code == "timeout")
    }

    @Test("a stored failure says how many causes were left out")
    func omittedCauses() throws {
        let failure = CanoError(.workflow, "m", causes: (0..<130).map { CanoError(.generic, "\($0)") })
        let error = try StoredFailure(CheckpointRow(sequence: 0, state: "a", payload: StoredFailure(failure).encoded)).error
        #expect(error.causes.count == 100)
        #expect(error.omittedCauses == 30)
    }
}

/// A row without what is in it.
private struct Shape: Hashable {
    let kind: RowKind
    let state: String
    let visit: Int

    init(_ row: CheckpointRow) { self.init(kind: row.kind, state: row.state, visit: row.visit) }

    private init(kind: RowKind, state: String, visit: Int) {
        (self.kind, self.state, self.visit) = (kind, state, visit)
    }

    /// Rows of the state the log ends in, and of others: the reader tells no more of them apart.
    static func all(after log: LegalLog) -> [Shape] {
        let states = Set(log.rows.suffix(1).map(\.state) + [Kind.plain.label, Kind.router.label])
        return RowKind.allCases.flatMap { kind in
            states.flatMap { state in
                (max(log.visit - 2, 0)...log.visit + 2).map { Shape(kind: kind, state: state, visit: $0) }
            }
        }
    }

    func row(sequence: Int) -> CheckpointRow {
        let payload =
            switch kind {
            case .rollbackStart: LegalLog.failure
            case .compensationCompletion, .stepCursor, .branchEnd: "1"
            case .waiting, .attempt: #"{"failures":1}"#
            default: String?.none
            }
        return CheckpointRow(
            sequence: sequence, kind: kind, state: state, task: state, visit: visit,
            branch: kind == .branchEnd ? 0 : nil, next: kind == .compensationCompletion ? "plain" : nil,
            payload: payload.map { Array($0.utf8) })
    }

    /// Whether a reader that knows only labels may accept it: routers have no rows, so visits may be skipped and any state
    /// may follow, and what a state's task is, the log doesn't say.
    func isHarmless(after log: LegalLog) -> Bool {
        switch (kind, log.phase) {
        case (.compensated, .undoing), (.attempt, .undoing), (.waiting, .undoing): log.toUndo.contains(visit)
        case (_, .undoing): false
        // These take the place of the one that entered their state.
        case (.compensationCompletion, _) where visit > log.visit, (.stepCursor, _) where visit > log.visit,
            (.waiting, _) where visit > log.visit, (.attempt, _) where visit > log.visit:
            true
        case (.stateEntry, _): visit > log.visit
        case (.rollbackStart, _): true
        case (.compensated, _), (_, .entering): false
        case (_, .inVisit(let kind)): visit == log.visit && state == kind.label
        }
    }
}
