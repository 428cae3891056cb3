import CanoRedis

/// A script that may wake a run that waits, and claim it for a bridge that has a slot for it.
protocol WakingCall: ScriptCall where Answer == WakingAnswer<Outcome> {
    /// What became of it where no run was claimed.
    associatedtype Outcome: WakingOutcome
}

/// What such a script answers.
enum WakingAnswer<Outcome: Sendable & Equatable>: Sendable, Equatable {
    /// The run that it woke is this bridge's.
    case claimed(ClaimedRun)
    /// The run that it woke is this bridge's, which holds it.
    case takenUp(WokenRun)
    /// No run is.
    case unclaimed(Outcome)
}

/// What became of a call that has claimed no run.
protocol WakingOutcome: Sendable, Equatable {
    /// A run that waits has what it waits for, and goes on at the next look of a bridge that has a slot for it.
    static var woke: Self { get }
}
