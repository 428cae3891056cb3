/// That a run is being undone.
@usableFromInline struct Undoing: Sendable {
    /// Whether it is undone because it was stopped. Its task doesn't tell: another one undoes a cancelled run.
    let isStopped: Bool
    /// The steps that could not be undone.
    var left: [LeftStep] = []
    /// When its time is over, while a worker undoes a step; `nil` when it takes as long as it wants.
    var end: MonotonicInstant?

    /// Whether its pauses may be spent elsewhere. One with a time of its own spends it here; and one that has left a step behind would try that
    /// again first when it is resumed, and so never come to its end.
    var mayPauseElsewhere: Bool { end == nil && left.isEmpty }

    /// - Throws: ``AttemptLoop/Failure`` when the time is over.
    func requireTime(on clock: any EngineClock) throws(AttemptLoop.Failure) {
        if let end, clock.now >= end { throw .failed(.rollbackOutOfTime) }
    }
}

/// A step that could not be undone, as the row of a later one that waits has it: what goes on with the rollback passes it over.
struct LeftStep: Sendable, Equatable, Codable {
    let visit: Int
    let failure: StoredFailure
}

extension CanoError {
    /// What undoing a step fails with that the rollback's time was over for.
    static var rollbackOutOfTime: CanoError {
        CanoError(.timeout, "the rollback's time was over before the step was undone", isRetryable: false)
    }
}
