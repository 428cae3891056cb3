/// How far one clock is ahead of another, learned from questions and answers. Pure.
///
/// An answer says what the other clock showed some time between two local moments, so its midpoint is wrong by half of what
/// lies between them at most. A slow answer teaches nothing as long as a quick one is remembered. What is remembered counts as a
/// little less certain as time goes by: no two clocks run alike.
struct ClockOffset: Sendable, Hashable {
    /// In milliseconds.
    private(set) var milliseconds: Int64
    private var uncertainty: Int64
    private var learned: Int64

    /// By how much two clocks may drift apart: more than any quartz does.
    private static let drift: Int64 = 1_000

    /// Before anything was learned: a guess that any answer is better than.
    init(guess milliseconds: Int64, at moment: Int64) {
        self.milliseconds = milliseconds
        uncertainty = .max
        learned = moment
    }

    /// The other clock showed `other` between the two local moments, all in milliseconds.
    ///
    /// - Returns: By how much the other clock was set forward, or back where negative; 0 when it has just gone on.
    @discardableResult mutating func learn(_ other: Int64, between asked: Int64, and answered: Int64) -> Int64 {
        let found = other - (asked + answered) / 2
        let error = max(1, (answered - asked + 1) / 2)
        let known = uncertainty(at: answered)
        // Where both can't be right, the other clock was set.
        let jump = abs(found - milliseconds) > error + known ? found - milliseconds : 0
        guard error <= known || jump != 0 else { return 0 }
        milliseconds = found
        uncertainty = error
        learned = answered
        return jump
    }

    private func uncertainty(at moment: Int64) -> Int64 {
        uncertainty == .max ? .max / 2 : uncertainty + max(0, moment - learned) / Self.drift
    }
}
