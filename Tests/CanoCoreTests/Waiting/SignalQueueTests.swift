import Testing

@testable import CanoCore

@Suite struct SignalQueueTests {
    private func queue(_ signals: String...) -> SignalQueue {
        var queue = SignalQueue()
        queue.deliver(signals.map(signal))
        return queue
    }

    /// Named by the letters of its id.
    private func signal(_ id: String) -> ReceivedSignal { ReceivedSignal(id: id, name: String(id.prefix { $0.isLetter }), data: []) }

    @Test("a wait takes what it needs, the oldest first, and leaves the rest in its order")
    func take() {
        typealias Case = (came: [String], wait: OpenWait, takes: [String]?)
        let cases: [Case] = [
            ([], OpenWait(signals: ["a"]), nil),
            (["b1"], OpenWait(signals: ["a"]), nil),
            (["a1"], OpenWait(signals: ["a"]), ["a1"]),
            (["b1", "a1", "a2"], OpenWait(signals: ["a"]), ["a1"]),
            (["b1", "a1"], OpenWait(signals: ["a", "b"]), ["b1"]),
            (["a1", "a2"], OpenWait(signals: ["a", "b"], need: 2), nil),
            (["a1", "a2", "b1"], OpenWait(signals: ["a", "b"], need: 2), ["a1", "b1"]),
            (["c1", "b1", "a1"], OpenWait(signals: ["a", "b", "c"], need: 2), ["c1", "b1"]),
            (["a1"], OpenWait(until: 0), nil),
        ]
        for (came, wait, takes) in cases {
            var queue = SignalQueue()
            queue.deliver(came.map(signal))
            #expect(queue.isMet(wait) == (takes != nil))
            #expect(queue.take(for: wait)?.map(\.id) == takes, "\(came)")
            #expect(queue.unread.map(\.id) == came.filter { takes?.contains($0) != true })
        }
    }

    @Test("a signal that came before is left out, also after it was taken")
    func known() {
        var queue = queue("a1", "a1")
        #expect(queue.unread.count == 1)
        _ = queue.take(for: OpenWait(signals: ["a"]))
        queue.deliver([signal("a1"), signal("a2")])
        #expect(queue.unread.map(\.id) == ["a2"])
    }

    @Test("what led to a row is named once until the row is durable, and what came to be named meanwhile stays")
    func consumed() {
        var queue = queue("a1", "a2")
        #expect(queue.consumed.isEmpty)
        queue.consume(["a1"])
        queue.consume(["a1", "a2"])
        #expect(queue.consumed == ["a1", "a2"])
        queue.settle(["a1"])
        #expect(queue.consumed == ["a2"])
        queue.settle(["a2", "unknown"])
        #expect(queue.consumed.isEmpty)
    }
}
