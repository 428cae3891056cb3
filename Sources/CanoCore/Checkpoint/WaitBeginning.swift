/// Where a run waits whose wait has begun.
@nonexhaustive public enum WaitBeginning: Sendable, Hashable {
    /// In this process, which keeps the run until it is woken.
    case here
    /// At the host, which resumes the run when it is to be woken: it ends here as ``RunOutcome/waiting(until:)``.
    case putDown
    /// Nowhere: these signals had come before, or the time is over. The row of the wait is durable all the same.
    case arrived([ReceivedSignal])
}
