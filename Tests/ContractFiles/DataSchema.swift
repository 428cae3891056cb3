import CanoBus

/// Schemas of what events carry in their field `data`.
enum DataSchema {
    /// The data of an event.
    static func data(of type: EventType) -> Tree {
        let members = EventCatalog.dataType(of: type)?.members ?? []
        let failure: [String: Tree] = members.contains { $0.kind.hasFailure } ? ["$defs": ["failure": object(RunFailure.members)]] : [:]
        return object(
            members, of: "#/$defs/failure", title: "The data of \(type.rawValue)",
            "The JSON object in the field `data`. Later versions may add members.", failure)
    }

    /// A failure by itself, as records have it.
    static var failure: Tree {
        object(RunFailure.members, of: "#", title: "A failure", "Why something failed. Later versions may add members.", [:])
    }

    /// The graph of a workflow.
    static var graph: Tree {
        object(
            GraphRecord.members, of: "#", title: "The graph of a workflow",
            "What a field of `P:graphs` holds, as JSON text. Later versions may add members, and kinds of states.", [:])
    }

    private static func object(_ members: [Member], of failure: String, title: String, _ description: String, _ more: [String: Tree])
        -> Tree
    {
        SchemaFile.object(
            title, description, properties: properties(members, failure), required: required(members), more: more)
    }

    fileprivate static func object(_ members: [Member]) -> Tree {
        ["type": "object", "properties": .object(properties(members, "#/$defs/failure")), "required": .texts(required(members))]
    }

    private static func properties(_ members: [Member], _ failure: String) -> [String: Tree] {
        Dictionary(
            members.map { ($0.field.rawValue, Tree.object($0.kind.schema(failure)).with(["description": .text($0.meaning)])) }
        ) { _, last in last }
    }

    private static func required(_ members: [Member]) -> [String] { members.filter { !$0.mayBeMissing }.map(\.field.rawValue) }
}

extension Member.Kind {
    /// Whether its schema refers to that of a failure.
    fileprivate var hasFailure: Bool {
        switch self {
        case .failure, .failures: true
        case .optional(let kind): kind.hasFailure
        default: false
        }
    }

    /// The schema of a value, given where that of a failure is.
    fileprivate func schema(_ failure: String) -> [String: Tree] {
        switch self {
        case .any: [:]
        case .text: ["type": "string"]
        case .texts: ["type": "array", "items": ["type": "string"]]
        case .word(let words): ["enum": .texts(words)]
        case .wholeNumber: ["type": "integer"]
        case .truth: ["type": "boolean"]
        case .attributes: FieldRule.attributesSchema
        case .failure: ["$ref": .text(failure)]
        case .failures: ["type": "array", "items": ["$ref": .text(failure)]]
        case .object: ["type": "object"]
        case .objects(let members): ["type": "array", "items": DataSchema.object(members)]
        case .optional(let kind): ["anyOf": [.object(kind.schema(failure)), ["type": "null"]]]
        }
    }
}
