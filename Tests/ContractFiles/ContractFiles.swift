import CanoBus
import Foundation
import Yams

/// What docs/contract has that is made from the tables in CanoBus.
enum ContractFiles {
    /// The texts of the files, by their paths inside the folder.
    static func all() throws -> [String: String] {
        var files = [asyncAPI: try yaml(AsyncAPIDocument.document)]
        for (path, schema) in schemas { files[path] = try json(schema) }
        return files
    }

    /// Whether a file is made here.
    static func isMade(_ path: String) -> Bool { path == asyncAPI || path.hasSuffix(".schema.json") }

    private static let asyncAPI = "asyncapi.yaml"

    private static var schemas: [String: Tree] {
        var schemas = [
            "run-record.schema.json": EntrySchema.runRecord, "dead-letter.schema.json": EntrySchema.deadLetter,
            "failure.schema.json": DataSchema.failure, task: EntrySchema.task,
            "graph.schema.json": DataSchema.graph,
        ]
        for command in CommandCatalog.all {
            schemas[path(of: command.type)] = CommandSchema.plain(command)
            if !command.type.isAnswer { schemas[cloudEventPath(of: command.type)] = CommandSchema.cloudEvent(command) }
        }
        for type in EventType.allCases {
            schemas[path(of: type)] = EntrySchema.event(type)
            schemas["events/\(dataFile(of: type))"] = DataSchema.data(of: type)
        }
        return schemas
    }

    /// The schema of a task on a queue.
    static let task = "task.schema.json"

    /// The schema of a command in plain fields.
    static func path(of type: CommandType) -> String { "commands/\(type.rawValue).schema.json" }

    /// The schema of a command as a CloudEvent.
    static func cloudEventPath(of type: CommandType) -> String { "commands/\(type.rawValue).cloudevent.schema.json" }

    /// The schema of an event's entry.
    static func path(of type: EventType) -> String { "events/\(type.rawValue).schema.json" }

    /// The schema of an event's data, beside that of its entry.
    static func dataFile(of type: EventType) -> String { "\(type.rawValue).data.schema.json" }

    private static func json(_ tree: Tree) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(tree), as: UTF8.self) + "\n"
    }

    private static func yaml(_ tree: Tree) throws -> String {
        let encoder = YAMLEncoder()
        encoder.options.sortKeys = true
        encoder.options.allowUnicode = true
        encoder.options.width = 120
        return "# Made by `make contract` from the tables in Sources/CanoBus.\n" + (try encoder.encode(tree))
    }
}
