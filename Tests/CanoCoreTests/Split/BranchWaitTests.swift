import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

/// Branches that wait, in a run that its host puts down meanwhile.
@Suite(.timeLimit(.minutes(5))) struct BranchWaitTests {
    private let clock = ManualClock()
    private let journal = Journal<String>()
    private let results = Journal<Reduced>()
    private let begin: Int64 = 1_700_000_000_000

    private func workflow(_ branches: [Branch<Fork, Int>], _ join: JoinConfig = JoinConfig()) -> Workflow<Fork> {
        .split(branches, join, to: results)
    }

    private func work(_ name: String, _ output: Int = 0, _ gate: Gate? = nil) -> Branch<Fork, Int> {
        Branch(name, config: .minimal) { [journal] _ in
            journal.add(name)
            await gate?.pass()
            return output
        }
    }

    private func approval(_ limit: SignalLimit<Int> = .forever, name: String = "approved") -> Branch<Fork, Int> {
        Branch(name, waitingFor: Signal(name, of: Int.self), limit)
    }

    private func host(_ moment: SplitHost.Moment = .init()) -> SplitHost { SplitHost(on: clock, from: moment, putsDown: true) }

    private func until(_ outcome: RunOutcome<Fork>) throws -> Int64? {
        guard case .waiting(let until) = outcome else { throw Mishap(code: "not waiting: \(outcome)") }
        return until
    }

    private func expectDone(_ outcome: RunOutcome<Fork>) throws {
        guard case .completed(.done) = outcome else { throw Mishap(code: "not done: \(outcome)") }
    }

    @Test("a run is put down once all of its branches wait or have ended, with one wait for all, and goes on when a signal comes")
    func wokenBySignal() async throws {
        let workflow = workflow([approval(), work("work", 2), approval(name: "paid")])
        let host = host()
        let observer = RecordingObserver()
        #expect(try until(try await host.drive(workflow, observers: [observer])) == nil)
        #expect(host.waits == [RunWait([OpenWait(signals: ["approved"]), OpenWait(signals: ["paid"])])])
        #expect(host.moment.ended == [1])
        #expect(
            observer.summary.filter { $0.hasPrefix("waiting") } == ["waiting first approved[0] approved", "waiting first paid[2] paid"])
        #expect(!observer.summary.contains { $0.hasPrefix("taskFailed") || $0.hasPrefix("attemptAbandoned") })

        host.signal("paid", "7", id: "1")
        let later = RecordingObserver()
        #expect(try until(try await host.drive(workflow, observers: [later])) == nil)
        #expect(host.waits.last == RunWait([OpenWait(signals: ["approved"])]))
        #expect(!later.summary.contains { $0.hasPrefix("waiting") || $0.hasPrefix("taskStarted") }, "what goes on waiting was told before")
        #expect(host.moment.unread.isEmpty)

        host.signal("approved", "8", id: "2")
        try expectDone(try await host.drive(workflow))
        #expect(results.entries.map(\.successes) == [[0: 8, 1: 2, 2: 7]])
        #expect(journal.entries == ["work"])
        #expect(host.moment.unread.isEmpty)
    }

    @Test("the last branch that ends begins the wait with its own row")
    func lastEnd() async throws {
        let gate = Gate()
        let host = host()
        let workflow = workflow([approval(), work("work", 2, gate)])
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { host.moments.last?.rows.last?.kind == .waiting }
        #expect(host.waits.isEmpty)
        gate.open()
        #expect(try until(try await outcome.value) == nil)
        #expect(host.branchCalls == [["waiting 0"], ["branch_end 1"]])
        #expect(host.waits.count == 1)
    }

    @Test("time that a branch may wait is the run's, and what follows is the branch's: a value or a failure", arguments: [true, false])
    func wokenByTime(hasDefault: Bool) async throws {
        let limit: SignalLimit<Int> = hasDefault ? .within(.seconds(60), else: 9) : .within(.seconds(60))
        let workflow = workflow(
            [approval(limit), work("work", 2)], JoinConfig(.partialResults(hasDefault ? 2 : 1), timeout: .seconds(9_000)))
        let host = host()
        let outcome = try await host.drive(workflow)
        guard hasDefault else {
            // One is enough, so that nothing waits.
            return try expectDone(outcome)
        }
        #expect(try until(outcome) == begin + 60_000)
        clock.advance(by: .seconds(59))
        #expect(try until(try await host.drive(workflow)) == begin + 60_000)
        clock.advance(by: .seconds(1))
        try expectDone(try await host.drive(workflow))
        #expect(results.entries.map(\.successes) == [[0: 9, 1: 2]])
    }

    @Test("a branch whose signal does not come in time fails with the code timeout")
    func timedOut() async throws {
        let host = host()
        let workflow = workflow([approval(.until(unixMilliseconds: begin + 5_000)), work("work")], JoinConfig(.all))
        #expect(try until(try await host.drive(workflow)) == begin + 5_000)
        clock.advance(by: .seconds(5))
        let error = await caught { try await host.drive(workflow) }
        #expect(error?.causes.map(\.code) == ["timeout"])
        #expect(error?.causes.first?.message.contains("\"approved\"") == true)
    }

    @Test("a signal that came before is taken at once, and no wait begins")
    func cameBefore() async throws {
        let host = host()
        host.signal("approved", "3", id: "1")
        try expectDone(try await host.drive(workflow([approval()])))
        #expect(host.waits.isEmpty)
        #expect(host.branchCalls == [["branch_end 0"]])
        #expect(host.moment.unread.isEmpty)
    }

    @Test("a signal that comes while a branch works wakes the one that waits for it in this process")
    func cameMeanwhile() async throws {
        let gate = Gate()
        let host = host()
        let workflow = workflow([approval(), work("work", 2, gate)])
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { host.moment.rows.last?.kind == .waiting }
        host.signal("approved", "3", id: "1")
        try await eventually { host.moment.ended == [0] }
        #expect(host.moment.unread.isEmpty)
        gate.open()
        try expectDone(try await outcome.value)
        #expect(host.waits.isEmpty)
    }

    @Test("of the first of several signals a branch returns what that one says")
    func firstOf() async throws {
        let signals = [Signal("yes", of: Int.self), Signal("no", of: Int.self).map { -$0 }]
        let host = host()
        let workflow = workflow([Branch("decision", waitingForFirst: signals, .forever)])
        #expect(try until(try await host.drive(workflow)) == nil)
        host.signal("no", "4", id: "1")
        try expectDone(try await host.drive(workflow))
        #expect(results.entries.map(\.successes) == [[0: -4]])
    }

    @Test("a signal goes from the inbox with the first row of the branch that took it, and with no row of another")
    func consumption() async throws {
        let (first, second) = (Gate(), Gate())
        let slow = Branch<Fork, Int>("slow", TaskThatWaits(gate: first))
        let host = host()
        host.signal("go", id: "1")
        let workflow = workflow([slow, work("work", 1), work("other", 2, second)])
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { host.moment.ended == [1] }
        #expect(host.moment.unread.map(\.id) == ["1"])
        first.open()
        try await eventually { host.moment.ended == [0, 1] }
        #expect(host.moment.unread.isEmpty)
        second.open()
        try expectDone(try await outcome.value)
    }

    @Test("branches that wait keep their place: no other is begun for them")
    func bulkhead() async throws {
        let workflow = workflow([approval(), approval(name: "paid"), work("work", 2)], JoinConfig(bulkhead: 2))
        let host = host()
        #expect(try until(try await host.drive(workflow)) == nil)
        #expect(journal.entries.isEmpty)
        #expect(host.waits.map(\.waits.count) == [2])
        host.signal("paid", "1", id: "1")
        #expect(try until(try await host.drive(workflow)) == nil)
        #expect(journal.entries == ["work"])
        #expect(host.moment.ended == [1, 2])
        host.signal("approved", "0", id: "2")
        try expectDone(try await host.drive(workflow))
        #expect(results.entries.map(\.successes) == [[0: 0, 1: 1, 2: 2]])
    }

    @Test("pauses of a second or more put the run down, and a resumed branch counts its attempts on")
    func pauses() async throws {
        let journal = journal
        func failing(_ name: String, delay: Duration) -> Branch<Fork, Int> {
            Branch(name, config: TaskConfig(retry: .fixed(retries: 2, delay: delay))) { context in
                journal.add("\(name) \(context.attempt)")
                if context.attempt < 3 { throw Mishap() }
                return context.attempt
            }
        }
        let workflow = workflow([failing("a", delay: .seconds(10)), failing("b", delay: .seconds(15))])
        let host = host()
        #expect(try until(try await host.drive(workflow)) == begin + 10_000)
        clock.advance(by: .seconds(10))
        #expect(try until(try await host.drive(workflow)) == begin + 15_000)
        clock.advance(by: .seconds(5))
        #expect(try until(try await host.drive(workflow)) == begin + 20_000)
        clock.advance(by: .seconds(15))
        try expectDone(try await host.drive(workflow))
        #expect(journal.entries.sorted() == ["a 1", "a 2", "a 3", "b 1", "b 2", "b 3"])
    }

    @Test("a pause shorter than a second is spent here")
    func shortPause() async throws {
        let branch = Branch<Fork, Int>("branch", config: TaskConfig(retry: .fixed(retries: 1, delay: .milliseconds(500)))) { context in
            if context.attempt == 1 { throw Mishap() }
            return 1
        }
        let host = host()
        let workflow = workflow([branch, approval()])
        let outcome = try await clock.skippingWaits { try await host.drive(workflow) }
        #expect(try until(outcome) == nil)
        #expect(host.branchCalls.last == ["branch_end 0"])
    }

    private struct Nap: TimerTask {
        let length: Duration
        func wait(_ context: TaskContext<Fork>) async throws -> TimerOutcome { .duration(length) }
        func afterWait(_ context: TaskContext<Fork>) async throws -> Fork { .done }
    }

    private struct Looking: PollTask {
        let journal: Journal<String>
        var until = 3
        func poll(_ context: TaskContext<Fork>) async throws -> PollOutcome<Fork> {
            journal.add("look")
            return journal.entries.count < until ? .pending(retryIn: .seconds(40)) : .ready(.done)
        }
    }

    @Test("tasks that wait do so as branches too: timers and polls")
    func tasks() async throws {
        let tasks = [Branch(Nap(length: .seconds(100))), Branch(Looking(journal: journal))]
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split(tasks, then: .done)
            default: .exit
            }
        }
        let host = host()
        var ends: [Int64?] = []
        while case .waiting(let until) = try await host.drive(workflow) {
            ends.append(until.map { $0 - begin })
            clock.advance(by: .milliseconds((until ?? 0) - clock.unixMilliseconds))
        }
        #expect(ends == [40_000, 80_000, 100_000])
        #expect(journal.entries == ["look", "look", "look"])
    }

    @Test("polls in branches do not fill the log, and nothing is forgotten for that")
    func longLog() async throws {
        let (first, second) = (Journal<String>(), Journal<String>())
        func polling(_ journal: Journal<String>) -> Branch<Fork, Void> { Branch(Looking(journal: journal, until: 200)) }
        let branches = [Branch<Fork, Void>("work") { [journal] _ in journal.add("work") }, polling(first), polling(second)]
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split(branches) { result, _ in
                    #expect(result.successes.map(\.index) == [0, 1, 2])
                    return .done
                }
            default: .exit
            }
        }
        let host = host()
        var lives = 0
        while case .waiting(let until) = try await host.drive(workflow) {
            lives += 1
            clock.advance(by: .milliseconds((until ?? 0) - clock.unixMilliseconds))
        }
        #expect(lives > 100)
        #expect(host.moments.map(\.rows.count).max() ?? 0 < 70)
        #expect(journal.entries == ["work"])
        #expect(first.entries.count == 200 && second.entries.count == 200)
        #expect(host.calls.contains(["waiting"]))
    }

    @Test("what a task wrote before its wait joins the run with its split, and its claims stay taken")
    func writes() async throws {
        let store = MemoryStore()
        let journal = journal
        let claiming = Branch<Fork, Void>("claiming") { context in
            await journal.untilFirst()
            journal.add("\(try await context.store.putIfAbsent(2, for: "claim"))")
        }
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split([Branch(Writing(journal: journal)), claiming], then: .done)
            default: .exit
            }
        }
        let host = host()
        #expect(try until(try await host.drive(workflow, store: store)) == nil)
        #expect(store.isEmpty)
        host.signal("go", id: "1")
        try expectDone(try await host.drive(workflow, store: store))
        #expect(journal.entries == ["begun", "false", "1 woken"])
        #expect(store["claim"] == 1)
        #expect(store["list"] == ["begun", "woken"])
    }

    @Test("attempts after the wait keep what was written before it, and drop what they wrote themselves")
    func furtherAttempts() async throws {
        let store = MemoryStore()
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split([Branch(Writing(journal: journal, failures: 2))], then: .done)
            default: .exit
            }
        }
        let host = host()
        #expect(try until(try await host.drive(workflow, store: store)) == nil)
        host.signal("go", id: "1")
        #expect(try until(try await host.drive(workflow, store: store)) == begin + 5_000)
        #expect(host.moment.unread.isEmpty)
        clock.advance(by: .seconds(5))
        #expect(try until(try await host.drive(workflow, store: store)) == begin + 10_000)
        clock.advance(by: .seconds(5))
        try expectDone(try await host.drive(workflow, store: store))
        #expect(store["list"] == ["begun", "woken"])
    }

    @Test("the join's timeout bounds the wait of the run, and a resumed split has what is left of it", arguments: [true, false])
    func joinTimeout(isPartial: Bool) async throws {
        let workflow = workflow(
            [approval(), work("work", 2)], JoinConfig(isPartial ? .partialTimeout : .all, timeout: .seconds(100)))
        let host = host()
        #expect(try until(try await host.drive(workflow)) == begin + 100_000)
        clock.advance(by: .seconds(60))
        #expect(try until(try await host.drive(workflow)) == begin + 100_000)
        clock.advance(by: .seconds(40))
        if isPartial {
            try expectDone(try await host.drive(workflow))
            #expect(results.entries == [Reduced(successes: [1: 2], cancelled: [0])])
        } else {
            let error = await caught { try await host.drive(workflow) }
            #expect(error?.message.contains("the join's timeout") == true)
        }
    }

    @Test("a join that is met needs no branch that waits")
    func decided() async throws {
        let host = host()
        try expectDone(try await host.drive(workflow([approval(), work("work", 2)], JoinConfig(.any))))
        #expect(results.entries == [Reduced(successes: [1: 2], cancelled: [0])])
        #expect(host.waits.isEmpty)
    }

    @Test("a run is stopped while its branches wait here", arguments: [StopReason.cancelled(reason: "enough"), .handBack])
    func stopped(reason: StopReason) async throws {
        let host = SplitHost(on: clock)
        let control = RunControl()
        let workflow = workflow([approval(), work("work", 2)])
        let outcome = Task { try await host.drive(workflow, control: control) }
        try await eventually { host.moment.ended == [1] && host.waits.count == 1 }
        control.stop(reason)
        if reason == .handBack {
            guard case .relinquished(.handBack) = try await outcome.value else { throw Mishap() }
        } else {
            #expect(await caught { try await outcome.value }?.category == .cancelled)
        }
    }

    @Test("without a log a branch waits in this process, for a signal of the run's handle")
    func withoutLog() async throws {
        let workflow = workflow([approval(), work("work", 2)])
        let run = workflow.start(in: WorkflowRuntime(clock: clock))
        try run.signal("approved", 4)
        #expect(try await run.exitState() == .done)
        #expect(results.entries.map(\.successes) == [[0: 4, 1: 2]])
    }

    @Test("whatever row a run dies at whose branches wait, its end is that of one that never died")
    func everyRow() async throws {
        let workflow = workflow([approval(), work("work", 2), approval(.within(.seconds(50), else: 3), name: "paid"), work("more", 4)])
        let whole = host()
        #expect(try until(try await whole.drive(workflow)) == begin + 50_000)
        whole.signal("approved", "1", id: "1")
        #expect(try until(try await whole.drive(workflow)) == begin + 50_000)
        clock.advance(by: .seconds(50))
        try expectDone(try await whole.drive(workflow))
        for moment in whole.moments.dropLast() {
            let before = journal.entries.count
            let host = host(moment)
            if !moment.ended.contains(0), moment.unread.isEmpty { host.signal("approved", "1", id: "1") }
            var outcome = try await host.drive(workflow)
            if case .waiting = outcome {
                clock.advance(by: .seconds(50))
                outcome = try await host.drive(workflow)
            }
            try expectDone(outcome)
            #expect(results.entries.last?.successes == [0: 1, 1: 2, 2: 3, 3: 4])
            #expect(
                Set(journal.entries.dropFirst(before)) == Set([(1, "work"), (3, "more")].filter { !moment.ended.contains($0.0) }.map(\.1)))
        }
    }
}

private struct TaskThatWaits: WaitTask {
    let gate: Gate
    func begin(_ context: TaskContext<Fork>) async throws -> WaitStep<Fork> { .wait(Wait(forFirst: ["go"], upTo: nil)) }
    func wake(_ woken: Woken, _ context: TaskContext<Fork>) async throws -> WaitStep<Fork> {
        await gate.pass()
        return .next(.done)
    }
}

private struct Writing: WaitTask {
    let journal: Journal<String>
    var failures = 0
    var config: TaskConfig { TaskConfig(retry: .fixed(retries: failures, delay: .seconds(5))) }

    func begin(_ context: TaskContext<Fork>) async throws -> WaitStep<Fork> {
        #expect(try await context.store.putIfAbsent(1, for: "claim"))
        try await context.store.append("begun", to: "list")
        journal.add("begun")
        return .wait(Wait(forFirst: ["go"], upTo: nil))
    }

    func wake(_ woken: Woken, _ context: TaskContext<Fork>) async throws -> WaitStep<Fork> {
        #expect(try await context.store.get("list") == ["begun"])
        try await context.store.append("woken", to: "list")
        if context.attempt <= failures { throw Mishap() }
        journal.add("\(try await context.store.get(StoreKey<Int>("claim")) ?? 0) woken")
        return .next(.done)
    }
}

extension Journal<String> {
    fileprivate func untilFirst() async { while entries.isEmpty { await Task.yield() } }
}

extension Branch where Output == Int {
    fileprivate init(_ name: String, _ task: some WorkflowTask<State>) {
        let branch = Branch<State, Void>(task)
        guard case .waiting(let work) = branch.work else { preconditionFailure("the task does not wait") }
        self.init(
            name: name, config: branch.config, requirements: [], work: .waiting(work.map { _ in BranchOutput(0) }),
            outputs: BranchOutputCoding(Int.self))
    }
}
