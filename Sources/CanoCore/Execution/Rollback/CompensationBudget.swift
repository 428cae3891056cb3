/// How long undoing a run may take where its workflow and its caller say nothing.
@usableFromInline enum CompensationBudget {
    /// The most that is given where nothing was said.
    static var most: Duration { .seconds(30) }

    /// Half of the run's own time, 30 seconds at most; as long as it wants for a run that has as long as it wants.
    @usableFromInline static func half(of timeout: Duration?) -> Duration? { timeout.map { min($0 / 2, most) } }
}
