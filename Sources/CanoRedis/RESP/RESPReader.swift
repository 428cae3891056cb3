import CHiredis

/// Turns the bytes of a connection into replies; owns one hiredis reader.
///
/// Bytes may come in any pieces. After the first error the reader is dead and so is its connection: there is no telling where the next
/// reply begins. Replies nested deeper than hiredis follows are such an error; seven arrays in one another it always does.
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let builder: ReplyBuilder

    /// - Throws: ``RedisError`` with `protocolError` when there is no memory for a reader.
    init() throws(RedisError) {
        builder = ReplyBuilder()
        guard let reader = ReplyBuilder.makeReader(for: builder) else {
            throw RedisError(.protocolError, "no memory for a reply reader")
        }
        self.reader = reader
    }

    deinit {
        cano_reader_free(reader)
    }

    /// Adds bytes that came.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard let start = bytes.baseAddress else { return }
        try check(redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count))
    }

    /// The next whole reply; nil when more bytes are needed.
    mutating func next() throws(RedisError) -> RESPValue? {
        var marker: UnsafeMutableRawPointer?
        try check(redisReaderGetReply(reader, &marker))
        return marker == nil ? nil : builder.take()
    }

    private func check(_ status: Int32) throws(RedisError) {
        guard status == REDIS_OK else {
            throw RedisError(.protocolError, String(cString: cano_reader_error(reader)), mayHaveBeenExecuted: true)
        }
    }
}
