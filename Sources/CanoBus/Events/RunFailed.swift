package import CanoPrimitives

/// A run has failed.
public struct RunFailed: RunEndData {
    package static let type = EventType.runFailed

    /// The state it failed in.
    public let state: String
    /// JSON text of a ``RunFailure``.
    public let error: String
    /// What became of the steps that can be undone.
    public let rollback: RollbackResult
    /// Whether it can go on from its last step.
    public let isResumable: Bool
    /// Since the run began, in milliseconds.
    public let duration: Int64
    /// How many signals to it no step has consumed. Of a run that can go on they are kept.
    public let unreadSignals: Int

    package init(state: String, error: String, rollback: RollbackResult, isResumable: Bool, duration: Int64, unreadSignals: Int = 0) {
        self.state = state
        self.error = error
        self.rollback = rollback
        self.isResumable = isResumable
        self.duration = duration
        self.unreadSignals = unreadSignals
    }

    package func writeEnd(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.error, json: error)
        data.member(.rollback, rollback.rawValue)
        data.member(.resumable, isResumable)
        data.member(.duration, duration)
    }

    /// Why it failed.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent`.
    public var failure: RunFailure { get throws(BusError) { try RunFailure(json: error) } }

    /// The same, not undone and resumable, with holes for the state, also that of the failure, the duration, and the unread signals.
    package static func template(_ failure: RunFailure) -> String {
        var data = JSONWriter()
        data.hole(.state)
        data.member(.error, json: failure.template)
        data.member(.rollback, RollbackResult.none.rawValue)
        data.member(.resumable, true)
        data.hole(.duration)
        data.optionalHole(.unreadSignals)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        error = try RunFailure(try data.object(.error)).json
        rollback = try data.word(.rollback)
        isResumable = try data.value(.resumable)
        duration = try data.value(.duration)
        unreadSignals = try data.optional(.unreadSignals) ?? 0
    }

    package static let members = [
        Member(.state, .text, "The state it failed in."), Member(.error, .failure, "Why it failed."),
        Member(.rollback, Member.words(RollbackResult.self), "What became of the steps that can be undone."),
        Member(.resumable, .truth, "Whether it can go on from its last step."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."), .unreadSignals,
    ]
}
