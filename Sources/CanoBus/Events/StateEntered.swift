package import CanoPrimitives

/// A state was entered.
public struct StateEntered: SingleEventData {
    package static let type = EventType.stateEntered

    /// The state.
    public let state: String
    /// The state before it.
    public let previous: String?

    package init(state: String, previous: String?) {
        self.state = state
        self.previous = previous
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.state, state)
        data.member(.previous, json: JSONWriter.string(previous))
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        state = try data.value(.state)
        previous = try data.optional(.previous)
    }

    package static let members = [
        Member(.state, .text, "The state."), Member(.previous, .optional(.text), "The state before it."),
    ]
}
