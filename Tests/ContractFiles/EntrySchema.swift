import CanoBus

/// Schemas of what Redis keeps as fields and texts, as an object of names and values.
enum EntrySchema {
    /// The fields of an event.
    static func event(_ type: EventType) -> Tree {
        let fields = EventEntry.definitions(of: type)
        return SchemaFile.object(
            type.rawValue,
            "The fields of the entry. Parse `data` as JSON and check it against \(ContractFiles.dataFile(of: type)). Later versions may add fields.",
            properties: fields.properties, required: fields.required, more: texts)
    }

    /// The record of a run.
    static var runRecord: Tree {
        SchemaFile.object(
            "The record of a run", "What `HGETALL P:run:<id>` gives. A field that has no value is absent. Later versions may add fields.",
            properties: RunRecord.definitions.properties, required: RunRecord.definitions.required, more: texts)
    }

    /// A task on a queue.
    static var task: Tree {
        SchemaFile.object(
            "A task for a worker", "The fields of an entry of `P:tasks:<queue>`, always all of them. Later versions may add fields.",
            properties: TaskEntry.definitions.properties, required: TaskEntry.definitions.required, more: texts)
    }

    /// A command that could not be carried out.
    static var deadLetter: Tree {
        let names = DeadLetter.definitions.map { "`\($0.field.rawValue)`" }.joined(separator: ", ")
        return SchemaFile.object(
            "A dead letter",
            "The fields of the command as they were sent, and then these. A field of the command that is called \(names) is kept as `\(DeadLetter.originalPrefix)<name>`.",
            properties: DeadLetter.definitions.properties, required: DeadLetter.definitions.required, more: texts)
    }

    /// All other fields hold texts as well.
    static let texts: [String: Tree] = ["additionalProperties": ["type": "string"]]
}
