import CanoPrimitives

/// A wait that has begun.
struct TimerWait: Sendable {
    private enum End {
        case instant(MonotonicInstant)
        case wall(Int64)
    }

    private let end: End

    init(_ outcome: TimerOutcome, on clock: any EngineClock) {
        end =
            switch outcome {
            case .duration(let duration): .instant(clock.now.advanced(by: duration))
            case .until(let instant): .instant(instant)
            case .at(let unixMilliseconds): .wall(unixMilliseconds)
            }
    }

    /// The end in milliseconds since 1970; `nil` when it has come.
    func wallDeadline(on clock: any EngineClock) -> Int64? {
        switch end {
        case .wall(let deadline):
            return deadline > clock.unixMilliseconds ? deadline : nil
        case .instant(let instant):
            let left = clock.now.duration(to: instant)
            guard left > .zero else { return nil }
            let (deadline, overflow) = clock.unixMilliseconds.addingReportingOverflow(left.wholeMilliseconds)
            return overflow ? .max : deadline
        }
    }

    func sleep(on clock: any EngineClock) async throws {
        switch end {
        case .instant(let instant):
            try await clock.sleep(until: instant)
        case .wall(let deadline):
            // The wall clock may be set while we wait, so look at it from time to time.
            while clock.unixMilliseconds < deadline {
                let (rest, overflow) = deadline.subtractingReportingOverflow(clock.unixMilliseconds)
                try await clock.sleep(for: min(.milliseconds(overflow ? .max : rest), .seconds(60)))
            }
        }
    }
}
