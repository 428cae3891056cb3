/// What every schema begins with.
enum SchemaFile {
    /// A schema of an object.
    static func object(
        _ title: String, _ description: String, properties: [String: Tree], required: [String], more: [String: Tree] = [:]
    ) -> Tree {
        let schema: Tree = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "Made by `make contract`.",
            "title": .text(title), "description": .text(description),
            "type": "object", "properties": .object(properties), "required": .texts(required),
        ]
        return schema.with(more)
    }
}
