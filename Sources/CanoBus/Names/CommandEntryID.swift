/// Where a command was published: its stream, and the id of its entry there. Entries of two streams may have the same id.
package struct CommandEntryID: Sendable, Hashable, CustomStringConvertible {
    package let stream: InboundStream
    package let entry: String

    package init(_ entry: String, on stream: InboundStream) {
        self.entry = entry
        self.stream = stream
    }

    /// The stream and the entry, as the ids of events have them: `commands/1795480517506-0`.
    package var description: String { "\(stream.rawValue)/\(entry)" }
}
