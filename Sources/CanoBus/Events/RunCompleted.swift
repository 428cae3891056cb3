package import CanoPrimitives

/// A run has completed.
public struct RunCompleted: RunEndData {
    package static let type = EventType.runCompleted

    /// The exit state.
    public let state: String
    /// JSON text; nil when it is longer than `BusLimits.inlineOutputBytes`: the record has it.
    public let output: String?
    /// Since the run began, in milliseconds.
    public let duration: Int64
    /// How many signals to it no step has consumed.
    public let unreadSignals: Int

    package init(state: String, output: String, duration: Int64, unreadSignals: Int = 0) {
        self.state = state
        self.output = output.utf8.count <= BusLimits.inlineOutputBytes ? output : nil
        self.duration = duration
        self.unreadSignals = unreadSignals
    }

    package func writeEnd(_ data: inout JSONWriter) {
        data.member(.state, state)
        if let output { data.member(.output, json: output) }
        data.member(.duration, duration)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        output = data[.output]
        duration = try data.value(.duration)
        unreadSignals = try data.optional(.unreadSignals) ?? 0
    }

    package static let members = [
        Member(.state, .text, "The exit state."), Member(.output, .any, mayBeMissing: true, "The output; left out above 64 KiB."),
        Member(.duration, .wholeNumber, "Milliseconds since the run began."), .unreadSignals,
    ]
}
