import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Lets the process of a run that waits die at every row, and those that take the run up too.
// Thousands of cases in one test: half a minute on one busy processor, and longer under ThreadSanitizer.
@Suite(.timeLimit(.minutes(5))) struct EveryWaitCrashTests {
    enum Order: String, WorkflowState, CaseIterable { case book, ask, again, nap, act, ship, done, expired }

    /// A saga step whose undoing takes three attempts, a wait for two signals whose first attempt fails, a wait for another signal of a name
    /// that came before, a timer, a task that takes three attempts, and then the end or a failure.
    private static func workflow(_ journal: Journal<String>, fails: Bool) -> Workflow<Order> {
        let hourly = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(3_600)))
        return Workflow<Order>("orders", startingAt: .book) { state in
            switch state {
            case .book:
                .sagaStep("book", config: .minimal, undoConfig: hourly, then: .ask) { _ in
                    journal.add("book")
                    return 1
                } undo: { context, _ in
                    journal.add("undo \(context.attempt)")
                    if context.attempt < 3 { throw Mishap() }
                }
            case .ask:
                .wait(
                    forAll: [Signal("a", of: Int.self), Signal("b", of: Int.self)], .within(.seconds(600), else: .expired),
                    config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(10))), leadsTo: [.again]
                ) { values, context in
                    journal.add("ask \(context.attempt) \(values)")
                    if context.attempt == 1 { throw Mishap() }
                    return .again
                }
            case .again:
                .wait(forFirst: [Signal("a", of: Int.self)], .forever) { value, context in
                    journal.add("again \(context.attempt) \(value)")
                    return .nap
                }
            case .nap: .timer(.duration(.seconds(60)), then: .act)
            case .act:
                .task(config: hourly) { context in
                    journal.add("act \(context.attempt)")
                    if context.attempt < 3 { throw Mishap(code: "act") }
                    return fails ? .ship : .done
                }
            case .ship:
                .task(config: .minimal) { _ in
                    journal.add("ship")
                    throw Mishap()
                }
            case .done, .expired: .exit
            }
        }
    }

    private struct Attempts: Decodable { let failures: Int }

    /// What the lives of one run left behind.
    private struct History {
        let clock = ManualClock(unixMilliseconds: 0)
        let host: ParkingHost
        let fails: Bool
        var mistakes: [String] = []
        var end: Result<Order, CanoError>?
        /// What every life did.
        var done: [String] = []
        private var hasAnswered = false

        init(fails: Bool) {
            self.fails = fails
            host = ParkingHost(on: clock)
            // One comes before the run begins, and one that nothing waits for.
            host.signal("a", "1", id: "a1")
            host.signal("c", "9", id: "c1")
        }

        /// One more life of the run: it goes on until it is put down, lost or over.
        mutating func live(until death: ParkingHost.Death?) async throws {
            let before = host.rows
            let journal = Journal<String>()
            do {
                switch try await host.drive(workflow(journal, fails: fails), until: death) {
                case .completed(let state): end = .success(state)
                case .waiting: bringWhatItWaitsFor()
                case .relinquished: break
                @unknown default: mistakes.append("ended otherwise")
                }
            } catch {
                end = .failure(error)
            }
            done += journal.entries
            check(journal.entries, from: before)
        }

        /// Time passes, or both signals come, and one more.
        private mutating func bringWhatItWaitsFor() {
            guard let wait = host.waits.last else { return mistakes.append("waits for nothing") }
            if wait.signals.isEmpty {
                if let until = wait.until { clock.advance(by: .milliseconds(until - clock.unixMilliseconds)) }
            } else if !hasAnswered {
                hasAnswered = true
                host.signal("b", "2", id: "b1")
                host.signal("a", "3", id: "a2")
            }
        }

        private mutating func check(_ entries: [String], from before: [CheckpointRow]) {
            if before.contains(where: { $0.kind == .compensationCompletion }), entries.contains("book") { mistakes.append("booked again") }
            if before.contains(where: { $0.kind == .rollbackStart }), entries.contains(where: { !$0.hasPrefix("undo") }) {
                mistakes.append("went forward in a rollback")
            }
            // Attempts go on from what the log says, and count on in one life.
            for (name, state) in [("ask", "ask"), ("again", "again"), ("act", "act"), ("undo", "book")] {
                let attempts = entries.filter { $0.hasPrefix(name + " ") }.compactMap { Int($0.split(separator: " ")[1]) }
                guard let first = attempts.first else { continue }
                let last = before.last.flatMap { $0.kind == .attempt && $0.state == state ? $0.payload : nil }
                let failures = last.flatMap { try? JSONValue.decode(Attempts.self, from: $0).failures } ?? 0
                if attempts != Array(failures + 1..<failures + 1 + attempts.count) || first != failures + 1 {
                    mistakes.append("attempts \(attempts) at \(name) after \(failures)")
                }
            }
            // A signal goes from the host with the row that it has led to, and with no other.
            let unread = Set(host.unread.map(\.id))
            guard let last = host.rows.last, let state = Order(label: last.state) else { return }
            let hasAsked =
                ![.book, .ask].contains(state) || state == .ask && last.kind == .attempt || last.kind == .rollbackStart || isUndoing
            if hasAnswered, unread.contains("a1") == hasAsked || unread.contains("b1") == hasAsked { mistakes.append("ask took \(unread)") }
            let hasAskedAgain = ![.book, .ask, .again].contains(state) || isUndoing
            if hasAnswered, unread.contains("a2") == hasAskedAgain { mistakes.append("again took \(unread)") }
            if !unread.contains("c1") { mistakes.append("lost what nothing waits for") }
        }

        private var isUndoing: Bool { host.rows.contains { $0.kind == .rollbackStart } }

        /// What is wrong with the end.
        func mistakesOfEnd() -> [String] {
            var mistakes = mistakes
            switch end {
            case .success(let state):
                if fails || state != .done || done.contains(where: { $0.hasPrefix("undo") }) { mistakes.append("completed") }
            case .failure(let error):
                if !fails || error.code != "mishap" || error.rollback != .clean { mistakes.append("failed with \(error)") }
            case nil: mistakes.append("never ended")
            }
            if host.unread.map(\.id) != ["c1"] { mistakes.append("unread \(host.unread)") }
            let expected = ["book", "ask 1 [1, 2]", "ask 2 [1, 2]", "again 1 3", "act 1", "act 2", "act 3"]
            if Set(done) != Set(expected + (fails ? ["ship", "undo 1", "undo 2", "undo 3"] : [])) { mistakes.append("did \(done)") }
            // No wait is longer or shorter for it: ten seconds, a minute, two hours, and two more for undoing it.
            if clock.unixMilliseconds != (fails ? 14_470_000 : 7_270_000) { mistakes.append("took \(clock.unixMilliseconds) ms") }
            if host.wasTouchedAfterDeath { mistakes.append("touched a log that was lost") }
            return mistakes
        }
    }

    @Test(
        "a run that never dies is put down for each wait, and takes up its signals, its timer and its attempts", arguments: [true, false])
    func undisturbed(fails: Bool) async throws {
        var history = History(fails: fails)
        var lives = 0
        while history.end == nil, lives < 20 {
            try await history.live(until: nil)
            lives += 1
        }
        #expect(history.mistakesOfEnd().isEmpty)
        // Put down for two signals, the pause of that wait, the timer, two pauses, and two more.
        #expect(lives == (fails ? 8 : 6))
        #expect(history.done.count == (fails ? 11 : 7))
    }

    @Test(
        "whichever rows the processes of a run die at, nothing is lost, no finished step runs again, and each signal is taken once",
        arguments: [true, false])
    func everyPairOfDeaths(fails: Bool) async throws {
        let deaths = (0..<4).flatMap { row in [true, false].map { ParkingHost.Death(row: row, isWritten: $0) } }
        var ends = 0
        // The run has up to eight lives by itself: in each of two of them its process dies at one of its rows.
        for lives in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8)] {
            for first in deaths {
                for second in deaths {
                    var history = History(fails: fails)
                    for life in 0..<30 where history.end == nil {
                        try await history.live(until: life == lives.0 ? first : life == lives.1 ? second : nil)
                    }
                    #expect(history.mistakesOfEnd().isEmpty, "\(first) in \(lives.0), \(second) in \(lives.1)")
                    ends += 1
                }
            }
        }
        #expect(ends == 640)
    }
}
