/// What every kind of command has: it can be read from the fields of an entry, and written as such.
package protocol BusCommand: Sendable, Hashable {
    static var type: CommandType { get }

    /// The fields it may have besides its type, in the order of the contract.
    static var definitions: [FieldDefinition] { get }

    /// Those of its fields that exclude each other.
    static var choices: [FieldChoice] { get }

    /// Its fields without the type; a value that is nil is left out.
    var values: [(Field, String?)] { get }
}

extension BusCommand {
    package static var choices: [FieldChoice] { [] }

    /// The fields to publish: one `XADD` of them is the command.
    package var fields: [(name: String, value: String)] {
        [(Field.type.rawValue, Self.type.rawValue)] + values.compactMap { field, value in value.map { (field.rawValue, $0) } }
    }

    /// The stream to publish it on.
    package var stream: InboundStream { Self.type.stream }
}

extension FieldDefinition {
    static let replyTo = optional(.replyTo, .name, "Answers go to the stream `P:replies:<name>`.")
    static let taskToken = required(.task, .pattern(TaskToken.pattern), "What the task's entry says in the field of this name.")
    static let input = optional(
        .input, .shortJSON(bytes: BusLimits().inputBytes), "The input, `null` where it is absent. The workflow must be able to decode it.")
    static let attributes = optional(
        .attributes, .attributes,
        "What the run can be found by: a flat JSON object of at most \(BusLimits.attributes) names with texts, numbers and truth values.")
    static let version = optional(
        .version, .name, "Only this version of the workflow may run it. Where it is absent, the one the bridge has that takes it.")
}

extension TraceContext {
    /// The fields that carry it.
    var values: [(Field, String?)] {
        [(.traceparent, parent.isEmpty ? nil : parent), (.tracestate, state.isEmpty ? nil : state)]
    }
}
