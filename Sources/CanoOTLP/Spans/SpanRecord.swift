import Tracing

/// What is known of a span, and exported once it has ended.
struct SpanRecord: Sendable {
    private(set) var name: String
    let kind: SpanKind
    let context: SpanContext
    let parent: SpanContext?
    /// Nanoseconds since 1970.
    let start: UInt64
    var end: UInt64 = 0
    var status: SpanStatus?
    private(set) var attributes = SpanAttributes()
    private(set) var events: [(name: String, moment: UInt64, attributes: SpanAttributes)] = []
    private(set) var links: [(context: SpanContext, attributes: SpanAttributes)] = []
    private(set) var droppedAttributes = 0
    private(set) var droppedEvents = 0
    private(set) var droppedLinks = 0

    init(_ name: String, kind: SpanKind, context: SpanContext, parent: SpanContext?, start: UInt64) {
        self.name = SpanLimit.cut(name)
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
    }

    mutating func rename(_ new: String) { name = SpanLimit.cut(new) }

    mutating func set(_ new: SpanAttributes) { (attributes, droppedAttributes) = SpanLimit.cut(new) }

    mutating func add(_ event: SpanEvent) {
        guard events.count < SpanLimit.events else {
            droppedEvents += 1
            return
        }
        events.append((SpanLimit.cut(event.name), event.nanosecondsSinceEpoch, SpanLimit.cut(event.attributes).kept))
    }

    mutating func add(linkTo context: SpanContext, _ attributes: SpanAttributes) {
        guard links.count < SpanLimit.links else {
            droppedLinks += 1
            return
        }
        links.append((context, SpanLimit.cut(attributes).kept))
    }

    /// A span that was said to have gone well stays so: the task knows better than what watches it.
    mutating func set(_ new: SpanStatus) {
        guard status?.code != .ok else { return }
        status = SpanStatus(code: new.code, message: new.message.map { SpanLimit.cut($0) })
    }
}
