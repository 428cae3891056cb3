package import CanoPrimitives

/// A run goes on under another owner, or again.
public struct RunResumed: SingleEventData {
    package static let type = EventType.runResumed

    /// The state it goes on in.
    public let state: String
    /// The number of the last row stored.
    public let row: Int
    /// The bridge that had it before.
    public let previousBridge: String
    /// Takeovers since its last row.
    public let recoveries: Int
    /// How it came to its present owner.
    public let cause: ResumeCause

    package init(state: String, row: Int, previousBridge: String, recoveries: Int, cause: ResumeCause) {
        self.state = state
        self.row = row
        self.previousBridge = previousBridge
        self.recoveries = recoveries
        self.cause = cause
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.row, Int64(row))
        data.member(.previousBridge, previousBridge)
        data.member(.recoveries, Int64(recoveries))
        data.member(.by, cause.rawValue)
    }

    /// All of it is what only Redis knows.
    package static var template: String {
        var data = JSONWriter()
        for field in [Field.state, .row, .previousBridge, .recoveries, .by] { data.hole(field) }
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        row = try data.value(.row)
        previousBridge = try data.value(.previousBridge)
        recoveries = try data.value(.recoveries)
        cause = try data.word(.by)
    }

    package static let members = [
        Member(.state, .text, "The state it goes on in."), Member(.row, .wholeNumber, "The number of the last row stored."),
        Member(.previousBridge, .text, "The bridge that had it before."),
        Member(.recoveries, .wholeNumber, "Takeovers since its last row."),
        Member(.by, Member.words(ResumeCause.self), "How it came to its present owner."),
    ]
}
