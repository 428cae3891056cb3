import Testing

@testable import CanoBridge

@Suite("The time a run has", .timeLimit(.minutes(1)))
struct RunBudgetTests {
    @Test("for being undone is half of its own, 30 s at most, whatever is left of that; or what its workflow says")
    func compensation() {
        #expect(RunBudget(left: .zero, of: .seconds(20), compensation: nil).compensation == .seconds(10))
        #expect(RunBudget(left: .zero, of: .seconds(200), compensation: nil).compensation == .seconds(30))
        #expect(RunBudget(left: nil, of: nil, compensation: nil).compensation == nil)
        #expect(RunBudget(left: .zero, of: .seconds(20), compensation: .seconds(60)).compensation == .seconds(60))
    }
}
