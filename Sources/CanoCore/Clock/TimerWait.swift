import CanoPrimitives

/// A wait that has begun.
struct TimerWait: Sendable {
    private enum End {
        case instant(MonotonicInstant)
        case wall(Int64)
    }

    private let end: End

    /// The end that a log has kept.
    init(wall deadline: Int64) { end = .wall(deadline) }

    init(_ outcome: TimerOutcome, on clock: any EngineClock) {
        end =
            switch outcome {
            case .duration(let duration): .instant(clock.now.advanced(by: duration))
            case .until(let instant): .instant(instant)
            case .at(let unixMilliseconds): .wall(unixMilliseconds)
            }
    }

    /// The end in milliseconds since 1970.
    func wallDeadline(on clock: any EngineClock) -> Int64 {
        switch end {
        case .wall(let deadline):
            return deadline
        case .instant(let instant):
            let (deadline, overflow) = clock.unixMilliseconds.addingReportingOverflow(clock.now.duration(to: instant).wholeMilliseconds)
            return overflow ? .max : deadline
        }
    }

    /// What comes first: that end, or that much time.
    static func first(of end: TimerWait?, _ limit: Duration?, on clock: any EngineClock) -> TimerWait? {
        guard let limit else { return end }
        if let end, end.left(on: clock) <= limit { return end }
        return TimerWait(.duration(limit), on: clock)
    }

    /// Whether it has come.
    func hasCome(on clock: any EngineClock) -> Bool { left(on: clock) <= .zero }

    /// How long it is until then, as far as is known now.
    func left(on clock: any EngineClock) -> Duration {
        switch end {
        case .wall(let deadline):
            let (rest, overflow) = deadline.subtractingReportingOverflow(clock.unixMilliseconds)
            return .milliseconds(overflow ? (deadline < 0 ? .min : .max) : rest)
        case .instant(let instant):
            return clock.now.duration(to: instant)
        }
    }

    /// When to look again whether it has come: the wall clock may be set meanwhile.
    func nextLook(on clock: any EngineClock) -> MonotonicInstant {
        switch end {
        case .wall: clock.now.advanced(by: min(left(on: clock), .seconds(60)))
        case .instant(let instant): instant
        }
    }

    func sleep(on clock: any EngineClock) async throws {
        switch end {
        case .instant(let instant):
            try await clock.sleep(until: instant)
        case .wall(let deadline):
            while clock.unixMilliseconds < deadline { try await clock.sleep(until: nextLook(on: clock)) }
        }
    }
}
