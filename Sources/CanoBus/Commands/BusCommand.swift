/// What every kind of command has: it can be read from the fields of an entry, and written as such.
package protocol BusCommand: Sendable, Hashable {
    static var type: CommandType { get }

    /// Its fields without the type; a value that is nil is left out.
    var values: [(Field, String?)] { get }
}

extension BusCommand {
    /// The fields to publish: one `XADD` of them is the command.
    package var fields: [(name: String, value: String)] {
        [(Field.type.rawValue, Self.type.rawValue)] + values.compactMap { field, value in value.map { (field.rawValue, $0) } }
    }

    /// The stream to publish it on.
    package var stream: InboundStream { Self.type.needsSlot ? .commands : .control }
}

extension TraceContext {
    /// The fields that carry it.
    var values: [(Field, String?)] {
        [(.traceparent, parent.isEmpty ? nil : parent), (.tracestate, state.isEmpty ? nil : state)]
    }
}
