import Testing

@testable import CanoRedis

@Suite("A reply reader", .timeLimit(.minutes(5)))
struct RESPReaderTests {
    /// Feeds `pieces` one by one and gathers what is whole.
    private func read(_ pieces: [[UInt8]]) throws -> [RESPValue] {
        var reader = try RESPReader()
        var values: [RESPValue] = []
        for piece in pieces {
            let bytes = piece
            try bytes.withUnsafeBytes { try reader.feed($0) }
            while let value = try reader.next() { values.append(value) }
        }
        return values
    }

    private func read(_ text: String) throws -> [RESPValue] {
        try read([Array(text.utf8)])
    }

    @Test("reads every kind of reply")
    func kinds() throws {
        let values = try read("+OK\r\n-WRONGTYPE no list\r\n:-42\r\n$3\r\nabc\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n")
        #expect(
            values == [
                .simple("OK"), .error(RedisServerError(message: "WRONGTYPE no list")), .integer(-42), .bulk(Array("abc".utf8)), .null,
                .null, .array([]), .bulk([]),
            ])
    }

    @Test("gives the same whatever pieces the bytes come in")
    func pieces() throws {
        let bytes = Array("*3\r\n$5\r\nhello\r\n*2\r\n:1\r\n$-1\r\n+fine\r\n:7\r\n".utf8)
        let whole = try read([bytes])
        #expect(whole.count == 2)
        #expect(try read(bytes.map { [$0] }) == whole)
        for cut in bytes.indices { #expect(try read([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole) }
    }

    @Test("keeps nested arrays, empty ones included")
    func nested() throws {
        #expect(
            try read("*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n*1\r\n:2\r\n")
                == [.array([.array([.integer(1), .array([])]), .array([.array([.integer(2)])])])])
    }

    @Test("reads seven arrays in one another and refuses a dozen")
    func depth() throws {
        #expect(try read(String(repeating: "*1\r\n", count: 7) + ":1\r\n").count == 1)
        #expect(throws: RedisError.self) { try read(String(repeating: "*1\r\n", count: 12) + ":1\r\n") }
    }

    @Test("keeps bytes that are not UTF-8")
    func invalidText() throws {
        let payload: [UInt8] = [0xFF, 0x00, 0xC3, 0x0D, 0x0A, 0x80]
        let values = try read([Array("$6\r\n".utf8) + payload + [0x0D, 0x0A]])
        #expect(values == [.bulk(payload)])
        #expect(values.first?.string == nil)
        #expect(values.first?.bytes == payload)
    }

    @Test("reads a bulk string of several megabytes in many pieces")
    func bigBulk() throws {
        let payload = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = Array("$\(payload.count)\r\n".utf8) + payload + [0x0D, 0x0A]
        let pieces = stride(from: 0, to: bytes.count, by: 65_536).map { Array(bytes[$0..<min($0 + 65_536, bytes.count)]) }
        #expect(try read(pieces) == [.bulk(payload)])
    }

    @Test("does not take memory for elements that were only announced")
    func announced() throws {
        #expect(try read("*2147483647\r\n:1\r\n").isEmpty)
    }

    @Test("names what is no reply as a protocol error", arguments: ["hello\r\n", "%1\r\n+a\r\n:1\r\n", ":abc\r\n", "$-5\r\n"])
    func garbage(_ text: String) throws {
        let error = #expect(throws: RedisError.self) { try read(text) }
        #expect(error?.code == .protocolError)
        #expect(error?.message.isEmpty == false)
    }

    @Test("stays dead after an error")
    func dead() throws {
        var reader = try RESPReader()
        try Array("?\r\n".utf8).withUnsafeBytes { try reader.feed($0) }
        for _ in 0..<2 {
            var failed = false
            do { _ = try reader.next() } catch { failed = true }
            #expect(failed)
        }
    }
}
