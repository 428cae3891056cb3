import CanoBus
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoClient

@Suite("A check of a worker", .timeLimit(.minutes(5)))
struct WorkerCheckTests {
    @Test("finds nothing wrong with a worker that keeps every rule")
    func right() {
        var bench = SimulatedBench(SimulatedWorker())
        #expect(bench.findings().map(\.rule) == Self.order)
        #expect(bench.findings().allSatisfy { if case .kept = $0.outcome { true } else { false } })
        #expect(bench.entries.isEmpty)
    }

    private static let order: [WorkerRule] = [
        .taking, .ownName, .success, .again, .failure, .heartbeat, .readingAhead, .withdrawal, .leaving, .answeringOnce,
    ]

    /// What a worker does wrong, and the rule that is broken.
    enum Fault: CaseIterable, Sendable {
        case acknowledges, deletes, answersTwice, isSilent, readsAhead, hasACommonName, endsWhenWithdrawn, answersUnreadably, namesNoTask
        case neverFails, keepsTheFirstToken, claimsUnderAnotherName, readsWithoutHolding, answersHalf, deletesUnanswered

        var rule: WorkerRule {
            switch self {
            case .acknowledges, .deletes, .readsWithoutHolding, .deletesUnanswered: .leaving
            case .answersTwice: .answeringOnce
            case .isSilent, .claimsUnderAnotherName: .heartbeat
            case .readsAhead: .readingAhead
            case .hasACommonName: .ownName
            case .endsWhenWithdrawn, .answersHalf: .withdrawal
            case .answersUnreadably, .namesNoTask: .success
            case .neverFails: .failure
            case .keepsTheFirstToken: .again
            }
        }
    }

    @Test("names the rule that a worker breaks", arguments: Fault.allCases)
    func wrong(_ fault: Fault) {
        var bench = SimulatedBench(SimulatedWorker(fault))
        let broken = bench.findings().filter(\.isBroken).map(\.rule)
        #expect(broken.contains(fault.rule))
        // What a worker does not read it cannot answer well either; a fault of its own it has none.
        let others = Set(broken).subtracting([fault.rule])
        #expect(others.isEmpty || [.answersUnreadably, .namesNoTask, .deletesUnanswered].contains(fault))
    }

    @Test(
        "names it as well where the worker is done before the queue is looked at", arguments: [Fault.deletes, .acknowledges, .answersTwice])
    func quick(_ fault: Fault) {
        var bench = SimulatedBench(SimulatedWorker(fault, isQuick: true))
        #expect(bench.findings().filter(\.isBroken).map(\.rule) == [fault.rule])
    }

    @Test("ends where a worker takes its tasks off the queue at once and answers none")
    func deletesAtOnce() {
        var bench = SimulatedBench(SimulatedWorker(.deletesUnanswered, isQuick: true))
        let broken = bench.findings().filter(\.isBroken).map(\.rule)
        #expect(broken.contains(.success) && broken.contains(.leaving) && !broken.contains(.taking))
    }

    @Test("gives up a worker that takes nothing, and says of the other rules that they were not tried")
    func absent() {
        var bench = SimulatedBench(nil)
        let findings = bench.findings()
        #expect(Set(findings.map(\.rule)) == Set(WorkerRule.allCases))
        #expect(findings.filter(\.isBroken).map(\.rule) == [.taking])
    }

    @Test("says what it has no input for")
    func withoutInputs() {
        var bench = SimulatedBench(SimulatedWorker(), failure: nil, slow: nil)
        let untried = bench.findings().filter { if case .notTried = $0.outcome { true } else { false } }.map(\.rule)
        #expect(untried == [.failure, .heartbeat, .readingAhead, .withdrawal])
    }

    @Test("does not praise heartbeats of work that was done within its lease")
    func fastWork() {
        var bench = SimulatedBench(SimulatedWorker(slowTime: 100))
        let heartbeat = bench.findings().first { $0.rule == .heartbeat }
        guard case .notTried(let reason) = heartbeat?.outcome else { return #expect(Bool(false), "it says that it was not tried") }
        #expect(reason.contains("--slow-input"))
    }

    @Test("gives each task a token and the same idempotency key to both attempts")
    func tasks() {
        var bench = SimulatedBench(SimulatedWorker())
        _ = bench.findings()
        #expect(Set(bench.given.map(\.task)).count == bench.given.count)
        let success = bench.given.filter { $0.state == "success" }
        #expect(success.map(\.task.attempt) == [1, 2] && Set(success.map(\.idempotencyKey)).count == 1)
        #expect(bench.given.allSatisfy { TaskToken($0.task.description) == $0.task })
    }
}
