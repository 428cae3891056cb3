import CanoCore
import Testing

@testable import CanoOTLP

@Suite("The buffer of spans")
struct SpanBufferTests {
    private var buffer = SpanBuffer(capacity: 5, batchSize: 3, batchDelay: .seconds(1))

    private mutating func add(_ names: String..., at seconds: Int64 = 0) throws {
        for name in names { buffer.add(try record(name)) { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) } }
    }

    private mutating func names() -> [String] { buffer.takeBatch { MonotonicInstant(nanoseconds: 0) }.map(\.name) }

    @Test("is empty at first, and gives nothing")
    mutating func empty() {
        #expect(!buffer.isReady && buffer.due == nil && buffer.count == 0)
        #expect(names().isEmpty)
    }

    @Test("lets a batch go once it is full, in the order in which spans ended")
    mutating func full() throws {
        try add("a", "b")
        #expect(!buffer.isReady)
        try add("c", "d")
        #expect(buffer.isReady)
        #expect(names() == ["a", "b", "c"])
        #expect(!buffer.isReady && buffer.count == 1)
        #expect(names() == ["d"])
    }

    @Test("lets a batch go a while after its first span, however many follow")
    mutating func due() throws {
        try add("a", at: 10)
        try add("b", at: 20)
        #expect(buffer.due == MonotonicInstant(nanoseconds: 11_000_000_000))
        #expect(names() == ["a", "b"])
        #expect(buffer.due == nil)
        try add("c", at: 30)
        #expect(buffer.due == MonotonicInstant(nanoseconds: 31_000_000_000))
    }

    @Test("lets what a full batch leaves over wait for others from then on")
    mutating func rest() throws {
        try add("a", "b", "c", "d", at: 10)
        let batch = buffer.takeBatch { MonotonicInstant(nanoseconds: 12_000_000_000) }
        #expect(batch.count == 3 && buffer.due == MonotonicInstant(nanoseconds: 13_000_000_000))
    }

    @Test("drops and counts what it has no room for, and keeps what was there first")
    mutating func overflowing() throws {
        try add("a", "b", "c", "d", "e", "f", "g")
        #expect(buffer.count == 5 && buffer.dropped == 2)
        #expect(names() == ["a", "b", "c"])
        try add("h")
        #expect(buffer.dropped == 2)
        #expect(names() == ["d", "e", "h"])
    }

    @Test("lets what is there go when it is flushed, and waits again for what comes then")
    mutating func flushing() throws {
        buffer.flush()
        #expect(!buffer.isReady)
        try add("a")
        buffer.flush()
        #expect(buffer.isReady)
        #expect(names() == ["a"])
        try add("b")
        #expect(!buffer.isReady)
    }

    @Test("gives what is there when it is closed, and takes nothing more in")
    mutating func closing() throws {
        try add("a")
        buffer.close()
        try add("b")
        #expect(buffer.isReady && buffer.dropped == 1)
        #expect(names() == ["a"])
    }

    @Test("holds one span at least, and no batch is larger than it is")
    func bounds() {
        let smallest = SpanBuffer(capacity: 0, batchSize: 0, batchDelay: .zero)
        #expect(smallest.capacity == 1 && smallest.batchSize == 1)
        #expect(SpanBuffer(capacity: 10, batchSize: 100, batchDelay: .zero).batchSize == 10)
    }
}
