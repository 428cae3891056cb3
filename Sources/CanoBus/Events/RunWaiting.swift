package import CanoPrimitives

/// A run waits, and takes no slot until what it waits for is there.
public struct RunWaiting: SingleEventData {
    package static let type = EventType.runWaiting

    /// The state it waits in.
    public let state: String
    /// The names of the signals it waits for; none where it waits for time alone.
    public let signals: [String]
    /// When it goes on although no signal came, in milliseconds since 1970; nil where that is never.
    public let until: Int64?

    package init(state: String, signals: [String], until: Int64?) {
        self.state = state
        self.signals = signals
        self.until = until
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.awaited, signals)
        if let until { data.member(.until, until) }
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        signals = try data.value(.awaited)
        until = try data.optional(.until)
    }

    package static let members = [
        Member(.state, .text, "The state it waits in."),
        Member(.awaited, .texts, "The names of the signals it waits for; none where it waits for time alone."),
        Member(
            .until, .wholeNumber, mayBeMissing: true,
            "When it goes on although no signal came, in milliseconds since 1970; left out where that is never."),
    ]
}
