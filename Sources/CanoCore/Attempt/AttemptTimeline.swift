/// The life of one attempt that a deadline or a stop may end: what each event means for it. Knows no clock and holds no task; what the work
/// came to is for others to know.
@usableFromInline struct AttemptTimeline: Sendable {
    /// How the attempt ended for the engine.
    @usableFromInline enum End: Sendable {
        /// The work returned or threw, and that counts.
        case returned
        /// It was past its deadline and then noticed it.
        case timedOut
        /// It was past its deadline, or stopped, and didn't notice in its grace period.
        case abandoned
    }

    @usableFromInline enum Phase: Sendable {
        case running
        /// The run is being stopped; what the work still returns counts.
        case stopping
        case overdue
        case ended(End)
    }

    @usableFromInline var phase = Phase.running

    @inlinable init() {}

    /// The work returned or threw.
    @inlinable mutating func finished() -> End? {
        switch phase {
        case .running, .stopping: end(.returned)
        case .overdue: end(.timedOut)
        case .ended: nil
        }
    }

    /// The deadline has come.
    ///
    /// - Returns: Whether to cancel the work and wait for the grace period.
    @inlinable mutating func deadlineCame() -> Bool {
        guard case .running = phase else { return false }
        phase = .overdue
        return true
    }

    /// The run is being stopped.
    ///
    /// - Returns: Whether to cancel the work and wait for the grace period.
    @inlinable mutating func stopCame() -> Bool {
        guard case .running = phase else { return false }
        phase = .stopping
        return true
    }

    /// The grace period is over.
    @inlinable mutating func graceEnded() -> End? {
        switch phase {
        case .overdue, .stopping: end(.abandoned)
        case .running, .ended: nil
        }
    }

    @inlinable mutating func end(_ end: End) -> End {
        phase = .ended(end)
        return end
    }
}
