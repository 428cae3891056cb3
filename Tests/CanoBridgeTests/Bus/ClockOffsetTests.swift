import Testing

@testable import CanoBridge

@Suite("The offset to Redis' clock", .timeLimit(.minutes(5)))
struct ClockOffsetTests {
    private func learned(_ samples: (other: Int64, asked: Int64, answered: Int64)...) -> Int64 {
        var offset = ClockOffset(guess: 7, at: 0)
        for sample in samples { offset.learn(sample.other, between: sample.asked, and: sample.answered) }
        return offset.milliseconds
    }

    @Test("is a guess until something is learned, and then what the middle of question and answer says")
    func first() {
        #expect(learned() == 7)
        #expect(learned((other: 1_500, asked: 498, answered: 502)) == 1_000)
    }

    @Test("is not spoiled by an answer that took long")
    func slow() {
        // The answer was made at once and came ten seconds later: its middle is five seconds off.
        #expect(learned((other: 1_500, asked: 498, answered: 502), (other: 6_502, asked: 5_500, answered: 15_500)) == 1_000)
    }

    @Test("follows clocks that drift, and a quicker answer")
    func drift() {
        #expect(learned((other: 1_500, asked: 490, answered: 510), (other: 6_503, asked: 5_501, answered: 5_503)) == 1_001)
        let later: Int64 = 3_600_000
        #expect(
            learned((other: 1_500, asked: 499, answered: 501), (other: later + 1_200, asked: later - 50, answered: later + 50)) == 1_200)
    }

    @Test(
        "tells a clock that was set, and by how much, from one that drifts and from slow answers",
        arguments: [
            // The other clock's error, the local moment, how long the answer took, the jump.
            (0, 5_000, 2, 0), (5, 5_000, 2, 0), (20_000, 5_000, 2, 20_000), (-86_400_000, 5_000, 2, -86_400_000),
            (400, 5_000, 1_000, 0), (3_000, 3_605_000, 2, 0), (20_000, 3_605_000, 2, 20_000),
        ] as [(Int64, Int64, Int64, Int64)])
    func jumps(error: Int64, at moment: Int64, tookAnswer: Int64, jump: Int64) {
        var offset = ClockOffset(guess: 7_000_000, at: 0)
        #expect(offset.learn(1_500, between: 499, and: 501) == 0, "nothing is known before")
        let half = tookAnswer / 2
        #expect(offset.learn(moment + 1_000 + error, between: moment - half, and: moment + half) == jump)
    }

    @Test("follows a clock that was set, which no answer before can explain", arguments: [-3_600_000, 3_600_000] as [Int64])
    func set(step: Int64) {
        #expect(learned((other: 1_500, asked: 499, answered: 501), (other: 6_500 + step, asked: 5_400, answered: 5_600)) == 1_000 + step)
    }
}
