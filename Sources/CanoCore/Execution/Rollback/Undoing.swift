/// That a run is being undone.
@usableFromInline struct Undoing: Sendable {
    /// Whether it is undone because it was stopped. Its task doesn't tell: another one undoes a cancelled run.
    let isStopped: Bool
}
