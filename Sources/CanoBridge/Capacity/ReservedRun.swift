/// A run that this bridge has a slot for, should a script that does something else make it this bridge's.
struct ReservedRun<Claimed: Sendable>: Sendable {
    /// It is this bridge's now: it goes on in its slot. Called once, or ``giveBack``.
    let goOn: @Sendable (Claimed) -> Void
    /// It is not: others may have the slot.
    let giveBack: @Sendable () -> Void
}
