import CanoCore
import Testing

@testable import CanoBridge

@Suite("A run that may kill its bridge", .timeLimit(.minutes(5)))
struct SuspectIsolationTests {
    private var isolation = SuspectIsolation(period: .seconds(15))

    private mutating func admits(_ run: String, takeovers: Int, after seconds: Int64) -> Bool {
        isolation.admits(run, takeovers: takeovers, at: MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(seconds)))
    }

    @Test("is taken over only when all that were before it have come a step further")
    mutating func alone() {
        let ordinary = [admits("a", takeovers: 1, after: 0), admits("b", takeovers: 2, after: 0)]
        let besideTwo = admits("poison", takeovers: 3, after: 1)
        isolation.release("a")
        let besideOne = admits("poison", takeovers: 3, after: 1)
        isolation.release("b")
        let alone = admits("poison", takeovers: 3, after: 1)
        #expect(ordinary == [true, true])
        #expect([besideTwo, besideOne, alone] == [false, false, true])
    }

    @Test("has none taken over after it until it has come a step further, and never another suspect beside it")
    mutating func keepsApart() {
        let suspect = admits("poison", takeovers: 3, after: 0)
        let ordinaryBeside = admits("a", takeovers: 1, after: 1)
        let suspectBeside = admits("b", takeovers: 5, after: 1)
        isolation.release("poison")
        let suspectAfter = admits("b", takeovers: 5, after: 1)
        isolation.release("b")
        let ordinaryAfter = admits("a", takeovers: 1, after: 1)
        #expect([suspect, ordinaryBeside, suspectBeside, suspectAfter, ordinaryAfter] == [true, false, false, true, true])
    }

    @Test("keeps others apart for no more than a lease, and so do they")
    mutating func longSteps() {
        let suspect = admits("slow", takeovers: 3, after: 0)
        let withinTheLease = admits("a", takeovers: 1, after: 14)
        let afterTheLease = admits("a", takeovers: 1, after: 15)
        #expect([suspect, withinTheLease, afterTheLease] == [true, false, true])
        let besideOther = admits("other suspect", takeovers: 4, after: 29)
        let later = admits("other suspect", takeovers: 4, after: 30)
        #expect([besideOther, later] == [false, true])
    }

    @Test("is asked for only when no other was seen to wait")
    mutating func last() {
        let moment = MonotonicInstant(nanoseconds: 0)
        let first = isolation.wants(takeovers: 3, at: moment)
        let other = isolation.wants(takeovers: 1, at: moment)
        isolation.allWereSeen()
        let besideOthers = isolation.wants(takeovers: 3, at: moment)
        isolation.allWereSeen()
        let alone = isolation.wants(takeovers: 3, at: moment)
        #expect([first, other, besideOthers, alone] == [true, true, false, true])
        _ = admits("poison", takeovers: 3, after: 0)
        let whileItIsFresh = isolation.wants(takeovers: 1, at: moment)
        isolation.allWereSeen()
        let another = isolation.wants(takeovers: 3, at: moment.advanced(by: .seconds(15)))
        #expect([whileItIsFresh, another] == [false, false], "who could not be taken over waits all the same")
    }

    @Test("is under suspicion no more once it has lived for a lease: many with long steps go on side by side")
    mutating func innocent() {
        let admitted = (0..<8).map { number in admits("r\(number)", takeovers: 3, after: Int64(number) * 15) }
        #expect(admitted == Array(repeating: true, count: 8))
        isolation.release("r0")
        let besideTheLast = admits("poison", takeovers: 3, after: 7 * 15 + 14)
        #expect(!besideTheLast, "the release of an earlier one ends nothing")
    }
}
