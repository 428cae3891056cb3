package import CanoPrimitives

/// A run was cancelled.
public struct RunCancelled: RunEndData {
    package static let type = EventType.runCancelled

    /// The state it was in, or was to begin in.
    public let state: String
    /// Why it was cancelled.
    public let reason: String?
    /// What became of the steps that can be undone.
    public let rollback: RollbackResult
    /// Since the run began, in milliseconds.
    public let duration: Int64
    /// How many signals to it no step has consumed.
    public let unreadSignals: Int

    package init(state: String, reason: String?, rollback: RollbackResult, duration: Int64, unreadSignals: Int = 0) {
        self.state = state
        self.reason = reason
        self.rollback = rollback
        self.duration = duration
        self.unreadSignals = unreadSignals
    }

    package func writeEnd(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.reason, json: JSONWriter.string(reason))
        data.member(.rollback, rollback.rawValue)
        data.member(.duration, duration)
    }

    /// The same of a run that had done nothing yet, with holes for the state, the reason, and the unread signals.
    package static var template: String {
        var data = JSONWriter()
        data.hole(.state)
        data.hole(.reason)
        data.member(.rollback, RollbackResult.none.rawValue)
        data.member(.duration, Int64(0))
        data.optionalHole(.unreadSignals)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        reason = try data.optional(.reason)
        rollback = try data.word(.rollback)
        duration = try data.value(.duration)
        unreadSignals = try data.optional(.unreadSignals) ?? 0
    }

    package static let members = [
        Member(.state, .text, "The state it was in, or was to begin in."), Member(.reason, .optional(.text), "Why it was cancelled."),
        Member(.rollback, Member.words(RollbackResult.self), "What became of the steps that can be undone."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."), .unreadSignals,
    ]
}
