import CHiredis

/// Builds values from what hiredis reports, with no tree in between. The one place where Swift objects pass through C.
///
/// Confined to the thread of its reader: hiredis calls back only from within `redisReaderGetReply`.
final class ReplyBuilder {
    private struct OpenArray {
        var missing: Int
        var elements: [RESPValue]
    }

    private var openArrays: [OpenArray] = []
    private var finished: RESPValue?

    /// An announced count is a promise of the other side; memory is taken for this many elements at most before they come.
    private static let maximumReservation = 1024

    /// The reply that is whole, once.
    func take() -> RESPValue? {
        defer { finished = nil }
        return finished
    }

    private func add(_ value: RESPValue) {
        guard !openArrays.isEmpty else {
            finished = value
            return
        }
        var value = value
        while let top = openArrays.indices.last {
            openArrays[top].elements.append(value)
            openArrays[top].missing -= 1
            guard openArrays[top].missing == 0 else { return }
            value = .array(openArrays.removeLast().elements)
        }
        finished = value
    }

    private func open(count: Int) {
        guard count > 0 else { return add(.array([])) }
        var elements: [RESPValue] = []
        elements.reserveCapacity(min(count, Self.maximumReservation))
        openArrays.append(OpenArray(missing: count, elements: elements))
    }

    private func add(type: Int32, bytes: UnsafeRawBufferPointer) {
        switch type {
        case REDIS_REPLY_STATUS: add(.simple(String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_ERROR: add(.error(RedisServerError(message: String(decoding: bytes, as: UTF8.self))))
        default: add(.bulk(RESPBytes(bytes)))
        }
    }

    /// A reader that reports to `builder`, which must outlive it; nil without memory.
    static func makeReader(for builder: ReplyBuilder) -> UnsafeMutablePointer<redisReader>? {
        cano_reader_create(Unmanaged.passUnretained(builder).toOpaque(), callbacks)
    }

    /// Hands the builder behind `context` to `body` without touching its reference count: this runs once for every element.
    private static func with(_ context: UnsafeMutableRawPointer?, _ body: (ReplyBuilder) -> Void) {
        guard let context else { return }
        Unmanaged<ReplyBuilder>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
    }

    /// Safe to share: written once, before the first read, and never freed, because readers keep its address.
    private nonisolated(unsafe) static let callbacks: UnsafePointer<cano_reply_callbacks> = {
        let table = UnsafeMutablePointer<cano_reply_callbacks>.allocate(capacity: 1)
        table.initialize(
            to: cano_reply_callbacks(
                string: { context, type, bytes, count in
                    with(context) { $0.add(type: type, bytes: UnsafeRawBufferPointer(start: bytes, count: count)) }
                },
                array: { context, count in with(context) { $0.open(count: count) } },
                integer: { context, value in with(context) { $0.add(.integer(value)) } },
                nil: { context in with(context) { $0.add(.null) } }
            ))
        return UnsafePointer(table)
    }()
}
