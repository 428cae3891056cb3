import CanoBus

extension FieldRule {
    /// The schema of a text that keeps the rule.
    var schema: [String: Tree] {
        var schema: [String: Tree] = ["type": "string"]
        if let pattern { schema["pattern"] = .text(pattern) }
        // Each character has at least one byte: a text with more characters than that is too long in any case.
        if let maximumBytes { schema["maxLength"] = .number(maximumBytes) }
        if isJSON { schema["contentMediaType"] = "application/json" }
        switch self {
        case .exactly(let text): return ["const": .text(text)]
        case .word(let words): return ["enum": .texts(words)]
        case .attributes: schema["contentSchema"] = .object(Self.attributesSchema)
        case .failure: schema["contentSchema"] = ["$ref": "failure.schema.json"]
        case .data(let type): schema["contentSchema"] = ["$ref": .text(ContractFiles.dataFile(of: type))]
        case .text, .shortText: schema["minLength"] = 1
        default: break
        }
        return schema
    }

    /// The schema of the attributes of a run.
    static let attributesSchema: [String: Tree] = [
        "type": "object", "maxProperties": .number(BusLimits.attributes),
        "propertyNames": ["pattern": .text(FieldRule.name.pattern ?? "")],
        "additionalProperties": [
            "anyOf": [["type": "string", "maxLength": .number(BusLimits.attributeBytes)], ["type": "number"], ["type": "boolean"]]
        ],
    ]
}

extension FieldDefinition {
    /// The schema of the field.
    var schema: Tree {
        let limit = rule.maximumBytes.map { " At most \($0) bytes of UTF-8." } ?? ""
        return .object(rule.schema).with(["description": .text(meaning + limit)])
    }
}

extension [FieldDefinition] {
    /// The schemas of the fields, by their names.
    var properties: [String: Tree] { Dictionary(map { ($0.field.rawValue, $0.schema) }) { _, last in last } }

    /// The names of those that are always there.
    var required: [String] { filter(\.isRequired).map(\.field.rawValue) }
}
