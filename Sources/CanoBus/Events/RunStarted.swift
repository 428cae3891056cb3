package import CanoPrimitives

/// A run has begun.
public struct RunStarted: SingleEventData {
    package static let type = EventType.runStarted

    /// The version of the workflow that runs it.
    public let version: String
    /// The first state.
    public let state: String
    /// JSON text; nil when it is longer than ``BusLimits/inlineInputBytes``.
    public let input: String?

    package init(version: String, state: String, input: String) {
        self.version = version
        self.state = state
        self.input = input.utf8.count <= BusLimits.inlineInputBytes ? input : nil
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.version, version)
        data.member(.state, state)
        if let input { data.member(.input, json: input) }
    }

    /// The same with a hole for an input that only Redis knows.
    package static func template(version: String, state: String) -> String {
        var data = JSONWriter()
        data.member(.version, version)
        data.member(.state, state)
        data.optionalHole(.input)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        version = try data.value(.version)
        state = try data.value(.state)
        input = data[.input]
    }

    package static let members = [
        Member(.version, .text, "The version of the workflow that runs it."), Member(.state, .text, "The first state."),
        Member(.input, .any, mayBeMissing: true, "The input; left out above 4 KiB."),
    ]
}
