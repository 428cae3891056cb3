import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

/// Many random cases against models that are too simple to be wrong. A failing test names its seed: give it to repeat the cases.
@Suite(.timeLimit(.minutes(5))) struct JoinPropertyTests {
    /// A join to be met, and what each branch will come to.
    struct Case: CustomStringConvertible {
        let strategy: JoinStrategy
        let outcomes: [Bool]

        init(_ random: inout SeededGenerator, atMost most: Int = 8) {
            let total = Int.random(in: 1...most, using: &random)
            strategy =
                switch Int.random(in: 0...5, using: &random) {
                case 0: .all
                case 1: .any
                case 2: .quorum(Int.random(in: 1...total, using: &random))
                case 3: .percentage(Double(Int.random(in: 1...100, using: &random)) / 100)
                case 4: .partialResults(Int.random(in: 0...total, using: &random))
                default: .partialTimeout
                }
            let rate = Double.random(in: 0...1, using: &random)
            outcomes = (0..<total).map { _ in Double.random(in: 0...1, using: &random) < rate }
        }

        var description: String { "\(strategy) of \(outcomes)" }
        var total: Int { outcomes.count }

        /// The smallest number of successes that is enough, found by trying.
        var needed: Int {
            switch strategy {
            case .all: total
            case .any, .partialTimeout: 1
            case .quorum(let count), .partialResults(let count): count
            case .percentage(let share): (0...total).first { Double($0) >= Double(total) * share } ?? total
            }
        }

        /// What the join knows when these branches, in this order, have ended: whether it goes on, or `nil` while it is open.
        func verdict(after ended: [Int]) -> Bool? {
            let good = ended.count { outcomes[$0] }
            let left = total - ended.count
            if case .partialTimeout = strategy { return left > 0 ? nil : good > 0 }
            // It goes on once enough succeeded, and not before anything has ended.
            if good >= needed, !ended.isEmpty { return true }
            return good + left < needed ? false : nil
        }

        /// What comes of the branches when they end in this order: who succeeded and who failed before the join was decided.
        func play(_ order: [Int]) -> (proceeds: Bool, successes: Set<Int>, failures: Set<Int>) {
            var ended: [Int] = []
            var verdict: Bool?
            for index in order where verdict == nil {
                ended.append(index)
                verdict = self.verdict(after: ended)
            }
            return (verdict ?? false, Set(ended.filter { outcomes[$0] }), Set(ended.filter { !outcomes[$0] }))
        }
    }

    private struct Branch: BranchTask {
        let index: Int
        let config = TaskConfig.minimal
        let body: @Sendable (Int) async throws -> Void
        func run(_ context: TaskContext<Step>) async throws -> Int {
            try await body(index)
            return index
        }
    }

    /// Runs a split and answers what the join saw, also when it failed.
    private func run(_ branches: [Branch], _ join: JoinConfig) async -> (proceeded: Bool, successes: Set<Int>, failures: Set<Int>) {
        let seen = Journal<SplitResult<Int>>()
        let observer = RecordingObserver()
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches, join: join) { result, _ in
                seen.add(result)
                return .done
            }
            .addExitState(.done)
        let end = try? await workflow.orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        // A join that failed has no result: the ends of its branches say the same.
        var successes: Set<Int> = []
        var failures: Set<Int> = []
        for index in branches.indices {
            if observer.summary.contains("taskSucceeded first Branch[\(index)]") { successes.insert(index) }
            if observer.summary.contains("taskFailed first Branch[\(index)] mishap") { failures.insert(index) }
        }
        if let result = seen.entries.first {
            #expect(Set(result.successes.map(\.index)) == successes && Set(result.failures.map(\.index)) == failures)
            #expect(result.outputs == successes.sorted())
            #expect(Set(result.cancelled) == Set(branches.indices).subtracting(successes).subtracting(failures))
        }
        return (end == .done, successes, failures)
    }

    @Test("SJ-3, SJ-4, SJ-6: branches that end one after the other are joined as the model says", arguments: 1...40 as ClosedRange<UInt64>)
    func ordered(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let example = Case(&random)
            let expected = example.play(Array(0..<example.total))
            let branches = (0..<example.total).map { Branch(index: $0) { if !example.outcomes[$0] { throw Mishap() } } }
            // One at a time, they end in the order of their indices; their outcomes are random.
            let end = await run(branches, JoinConfig(example.strategy, timeout: .seconds(3600), bulkhead: 1))
            #expect(end == expected, "\(example)")
        }
    }

    @Test(
        "SJ-3, SJ-4, SJ-6: branches that end in any order, at the same time, are joined as the model says of that order",
        arguments: 1...40 as ClosedRange<UInt64>)
    func concurrent(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let example = Case(&random)
            let order = Array(0..<example.total).shuffled(using: &random)
            let gates = (0..<example.total).map { _ in Gate() }
            let branches = (0..<example.total).map { index in
                Branch(index: index) { _ in
                    await gates[index].pass()
                    if !example.outcomes[index] { throw Mishap() }
                }
            }
            // Gates open in a random order; how branches overtake each other behind them is the machine's choice.
            let opening = Task {
                for index in order {
                    gates[index].open()
                    if index.isMultiple(of: 2) { await Task.yield() }
                }
            }
            let end = await run(branches, JoinConfig(example.strategy, timeout: .seconds(3600)))
            await opening.value
            // Whatever the order was, the decision is the same, and it came with the branch that made it certain.
            let proceeds = example.play(order).proceeds
            #expect(end.proceeded == proceeds, "\(example) in \(order)")
            #expect(end.successes.allSatisfy { example.outcomes[$0] } && end.failures.allSatisfy { !example.outcomes[$0] })
            let decided = [end.successes, end.failures].map(Array.init)
            #expect(example.verdict(after: decided[0] + decided[1]) == proceeds, "\(example) in \(order)")
            if !proceeds, !end.failures.isEmpty, example.strategy != .partialTimeout {
                #expect(example.verdict(after: decided[0] + decided[1].dropLast()) == nil, "\(example) in \(order)")
            }
            if proceeds, example.strategy != .partialTimeout, example.needed > 0 {
                #expect(end.successes.count == example.needed, "\(example) in \(order)")
            }
        }
    }

    @Test(
        "SJ-3…SJ-6, SJ-5: the tally decides with the branch that makes the outcome certain, or when the time is over",
        arguments: 1...20 as ClosedRange<UInt64>)
    func tally(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let example = Case(&random)
            let order = Array(0..<example.total).shuffled(using: &random)
            let timeout = Bool.random(using: &random) ? Int.random(in: 0..<example.total, using: &random) : nil
            var tally = JoinTally(strategy: example.strategy, total: example.total)
            for ended in 1...example.total {
                if timeout == ended - 1 {
                    let good = order.prefix(ended - 1).contains { example.outcomes[$0] }
                    let expected: JoinTally.Decision =
                        example.strategy == .partialTimeout && good ? .proceed : .fail(timedOut: true)
                    #expect(tally.timedOut() == expected, "\(example) in \(order), out of time after \(ended - 1)")
                    break
                }
                let decision = tally.ended(succeeded: example.outcomes[order[ended - 1]])
                let verdict = example.verdict(after: Array(order.prefix(ended)))
                #expect(
                    decision == verdict.map { $0 ? .proceed : .fail(timedOut: false) } ?? .wait, "\(example) in \(order) after \(ended)")
                if verdict != nil { break }
            }
        }
    }
}
