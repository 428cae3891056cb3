package import CanoPrimitives

/// A run has begun.
public struct RunStarted: SingleEventData {
    package static let type = EventType.runStarted

    /// The version of the workflow that runs it.
    public let version: String
    /// The first state.
    public let state: String
    /// JSON text; nil when it is longer than `BusLimits.inlineInputBytes`.
    public let input: String?
    /// JSON text of ``RunAttributes``; nil where it has none.
    public let attributes: String?
    /// The run whose child this is; nil of one that is none.
    public let parent: String?
    /// The run from which that one comes, or itself; nil of one that is no child.
    public let root: String?

    package init(version: String, state: String, input: String, attributes: RunAttributes = .empty, child: ChildName? = nil) {
        self.version = version
        self.state = state
        self.attributes = attributes.field
        parent = child?.parent
        root = child?.root
        self.input = input.utf8.count <= BusLimits.inlineInputBytes ? input : nil
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.version, version)
        data.member(.state, state)
        if let input { data.member(.input, json: input) }
        if let attributes { data.member(.attributes, json: attributes) }
        if let parent { data.member(.parent, parent) }
        if let root { data.member(.root, root) }
    }

    /// The same with holes for an input and attributes that only Redis knows.
    package static func template(version: String, state: String) -> String {
        var data = JSONWriter()
        data.member(.version, version)
        data.member(.state, state)
        data.optionalHole(.input)
        data.optionalHole(.attributes)
        return data.object
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        version = try data.value(.version)
        state = try data.value(.state)
        input = data[.input]
        attributes = data[.attributes]
        parent = try data.optional(.parent)
        root = try data.optional(.root)
    }

    package static let members = [
        Member(.version, .text, "The version of the workflow that runs it."), Member(.state, .text, "The first state."),
        Member(.input, .any, mayBeMissing: true, "The input; left out above 4 KiB."),
        .attributes,
        Member(.parent, .text, mayBeMissing: true, "The run whose child this is; left out of one that is none."),
        Member(.root, .text, mayBeMissing: true, "The run from which that one comes, or itself; left out of one that is no child."),
    ]
}

extension Member {
    static let attributes = Member(.attributes, .attributes, mayBeMissing: true, "What it can be found by; left out where it has none.")
}
