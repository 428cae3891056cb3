/// An event before it has its number: what happened, when, and its data as JSON text.
package struct PendingEvent: Sendable, Hashable {
    package let type: EventType
    /// Milliseconds since 1970, on Redis' clock.
    package let time: Int64
    package let data: String

    /// Creates an event.
    package init(_ data: some EventDataCoding, at time: Int64) {
        type = data.type
        self.time = time
        self.data = data.json
    }
}
