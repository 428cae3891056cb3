import CanoBus

/// Schemas of commands, in both spellings; answers of workers have the one.
enum CommandSchema {
    /// A command in plain fields.
    static func plain(_ command: any BusCommand.Type) -> Tree {
        var properties = command.definitions.properties
        properties[Field.type.rawValue] = ["const": .text(command.type.rawValue)]
        properties[Field.specversion.rawValue] = .truth(false)
        let required = [Field.type.rawValue] + command.definitions.required
        return schema(of: command, "in plain fields", properties, required) { $0.rawValue }
    }

    /// A command as a CloudEvent.
    static func cloudEvent(_ command: any BusCommand.Type) -> Tree {
        var properties: [String: Tree] = [
            Field.id.rawValue: ["type": "string", "description": "The CloudEvent's own id."],
            Field.source.rawValue: ["type": "string", "description": "Where the CloudEvent comes from; not looked at."],
            Field.specversion.rawValue: ["const": "1.0"],
            Field.type.rawValue: ["const": .text(CommandType.cloudEventPrefix + command.type.rawValue)],
        ]
        var required = [Field.type, .specversion].map(\.rawValue)
        var either: [Tree] = []
        for definition in command.definitions {
            let name = definition.field.cloudEventName
            properties[name] = definition.schema
            if let other = definition.field.cloudEventFallback(in: command.type) {
                if properties[other.rawValue] == nil {
                    properties[other.rawValue] = ["type": "string", "description": "Stands in for `\(name)` where that is missing."]
                }
                let needed: [String: Tree] = definition.isRequired ? ["required": [.text(other.rawValue)]] : [:]
                let stand: Tree = ["properties": .object([other.rawValue: definition.schema])]
                either.append(["anyOf": [["required": [.text(name)]], stand.with(needed)]])
            } else if definition.isRequired {
                required.append(name)
            }
        }
        return schema(of: command, "as a CloudEvent", properties, required, either) { $0.cloudEventName }
    }

    private static func schema(
        of command: any BusCommand.Type, _ spelling: String, _ properties: [String: Tree], _ required: [String], _ rules: [Tree] = [],
        name: (Field) -> String
    ) -> Tree {
        let rules = rules + command.choices.map { choice in alternatives(choice.fields.map(name), isRequired: choice.isRequired) }
        let streams =
            switch command.type {
            case .start: "`P:commands`"
            case .resume: "`P:commands` (or `P:control`)"
            case .cancel, .signal, .schedule, .unschedule, .pauseSchedule, .resumeSchedule, .runSchedule: "`P:control` (or `P:commands`)"
            case .complete, .fail, .release, .defer: "`P:results`"
            }
        var more: [String: Tree] = EntrySchema.texts
        more["maxProperties"] = .number(BusLimits.commandFields)
        if !rules.isEmpty { more["allOf"] = .list(rules) }
        return SchemaFile.object(
            "The \(command.type.isAnswer ? "answer" : "command") `\(command.type.rawValue)` \(spelling)",
            "The fields of one `XADD` on \(streams). Other fields are ignored; one with an empty value counts as absent.",
            properties: properties, required: required, more: more)
    }

    /// Of these fields there is only one.
    private static func alternatives(_ names: [String], isRequired: Bool) -> Tree {
        let each: [Tree] = names.map { ["required": [.text($0)]] }
        let none: Tree = ["not": ["anyOf": .list(each)]]
        return ["oneOf": .list(isRequired ? each : each + [none])]
    }
}
